package oathmesh

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
)

// Credential gives what proves the caller to the issuer, sent as `Bearer`: a secret `name~secret`, or an
// identity token. It is asked for anew with every token to mint.
type Credential func(ctx context.Context) (string, error)

// StaticCredential is a secret that does not change, such as `name~secret`.
func StaticCredential(secret string) Credential {
	return func(context.Context) (string, error) { return secret, nil }
}

const maxCredentialBytes = 64 * 1024

// FileCredential reads the credential from a file each time, as Kubernetes (projected tokens) and systemd
// (LoadCredential=) provide it. White space around it is dropped.
func FileCredential(path string) Credential {
	return func(context.Context) (string, error) {
		file, err := os.Open(path)
		if err != nil {
			return "", err
		}
		defer file.Close()
		text, err := io.ReadAll(io.LimitReader(file, maxCredentialBytes))
		return string(bytes.TrimSpace(text)), err
	}
}

var errCredential = errors.New("must be one line of printable ASCII that is not empty and no PEM")

// checkCredential keeps what cannot be sent from net/http, whose message might quote it.
func checkCredential(text string) error {
	if text == "" || len(text) > maxCredentialBytes || strings.HasPrefix(text, "-----") {
		return errCredential
	}
	for at := 0; at < len(text); at++ {
		if text[at] <= 0x20 || text[at] > 0x7e {
			return errCredential
		}
	}
	return nil
}
