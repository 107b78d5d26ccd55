package oathmesh

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// maxAnswerBytes of an issuer. A token is a kilobyte.
const maxAnswerBytes = 64 * 1024

// exchange asks a server that is trusted with a credential, in bounded time and memory.
type exchange struct {
	transport http.RoundTripper
	timeout   time.Duration
}

type jsonAnswer struct {
	status int
	header http.Header
	// Empty unless the answer is a JSON object.
	body map[string]any
}

// json fails with *MintError, or with the end of the context. A redirect is an error: it would carry the
// credential to wherever it points.
func (e exchange) json(ctx context.Context, method, location, bearer string, body []byte) (*jsonAnswer, error) {
	limited, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(limited, method, location, bytes.NewReader(body))
	if err != nil {
		return nil, unavailable("its URL cannot be requested.")
	}
	request.Header.Set("Authorization", "Bearer "+bearer)
	request.Header.Set("Accept", "application/json")
	// Unpacking would let a few kilobytes become gigabytes.
	request.Header.Set("Accept-Encoding", "identity")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	// No http.Client: it follows redirects and keeps cookies.
	response, err := e.transport.RoundTrip(request)
	if err != nil {
		return nil, e.noAnswer(ctx, limited, err)
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 && response.StatusCode < 400 {
		return nil, &MintError{Kind: Unavailable, Status: response.StatusCode,
			Message: "it redirects, which is not followed.", Fix: "Give the URL it redirects to."}
	}
	if encoding := response.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return nil, &MintError{Kind: Unavailable, Status: response.StatusCode, Message: "its answer is compressed."}
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes+1))
	if err != nil {
		return nil, e.noAnswer(ctx, limited, err)
	}
	if len(text) > maxAnswerBytes {
		return nil, &MintError{Kind: Unavailable, Status: response.StatusCode,
			Message: "its answer is longer than 64 KiB."}
	}
	return &jsonAnswer{response.StatusCode, response.Header, objectOf(response.Header, text)}, nil
}

var jsonType = regexp.MustCompile(`^application/(?:[\w.-]+\+)?json$`)

func isJSON(header http.Header) bool {
	mediaType, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	return err == nil && jsonType.MatchString(mediaType)
}

func objectOf(header http.Header, text []byte) map[string]any {
	if !isJSON(header) {
		return nil
	}
	var object map[string]any
	if json.Unmarshal(text, &object) != nil {
		return nil
	}
	return object
}

func (e exchange) noAnswer(ctx, limited context.Context, err error) error {
	if ctx.Err() != nil {
		return &MintError{Kind: Unavailable, Message: "the call has ended before it answered.", cause: ctx.Err()}
	}
	if limited.Err() != nil {
		return unavailable("no complete answer within %s.", e.timeout)
	}
	return unavailable("it cannot be reached (%s).", reasonOf(err))
}

// reasonOf says why an exchange failed in words that cannot quote what the peer sent: net/http quotes
// malformed answers, and those may hold the credential.
func reasonOf(err error) string {
	var dns *net.DNSError
	var operation *net.OpError
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	switch {
	case errors.As(err, &verification):
		return "its certificate is not trusted: " + strings.TrimPrefix(verification.Err.Error(), "x509: ")
	case errors.As(err, &authority):
		return "its certificate is not trusted"
	case errors.As(err, &dns):
		return "no such host"
	case errors.As(err, &operation) && operation.Err != nil && operation.Op != "remote error":
		return operation.Op + ": " + operation.Err.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "it closed the connection"
	default:
		return "its answer is not HTTP"
	}
}
