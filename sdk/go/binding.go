package oathmesh

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// BindingMode says what of a request the claim `rqh` is a hash of. Spec 6.
type BindingMode string

const (
	// BindingOff binds nothing.
	BindingOff BindingMode = "off"
	// BindingBody hashes the body.
	BindingBody BindingMode = "body"
	// BindingMethodPathBody hashes method, path and body one after the other, as upstream does.
	BindingMethodPathBody BindingMode = "method_path_body"
	// BindingStrict hashes method, path, query and body in a form that no two requests share. Recommended.
	BindingStrict BindingMode = "strict"
)

// Known reports whether this is one of the four modes.
func (m BindingMode) Known() bool {
	return m == BindingOff || m == BindingBody || m == BindingMethodPathBody || m == BindingStrict
}

// RequestLine is what a request asks for, as it is sent.
type RequestLine struct {
	// Method is case-sensitive. RFC 9110, 9.1.
	Method string
	// RawPath is the path of the request-target before any rewriting or decoding.
	RawPath string
	// RawQuery is the query of the request-target without `?`; empty when there is none.
	RawQuery string
}

// RequestHash is the value `rqh` has for one request: `sha256:` and 64 lower-case hex digits. Callers and
// verifiers share this function. It fails for BindingOff and for a mode that does not exist. Spec 6.2.
func RequestHash(mode BindingMode, line RequestLine, body []byte) (string, error) {
	switch mode {
	case BindingBody:
		return digest(body), nil
	case BindingMethodPathBody:
		return digest([]byte(strings.ToUpper(line.Method)+line.RawPath), body), nil
	case BindingStrict:
		// Line feeds cannot occur in a request line, so no two requests share this text.
		bodyDigest := strings.TrimPrefix(digest(body), "sha256:")
		text := strings.Join([]string{"oathmesh-rqh-v1", line.Method, line.RawPath, line.RawQuery, bodyDigest}, "\n")
		return digest([]byte(text)), nil
	default:
		return "", fmt.Errorf("oathmesh: binding mode %q has no request hash", string(mode))
	}
}

func digest(parts ...[]byte) string {
	hash := sha256.New()
	for _, part := range parts {
		hash.Write(part)
	}
	return "sha256:" + hex.EncodeToString(hash.Sum(nil))
}
