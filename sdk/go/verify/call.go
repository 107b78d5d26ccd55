package verify

import (
	"context"
	"errors"

	oathmesh "github.com/oathmesh/oathmesh-go"
)

// Call is one request, as a server hands it over. Handler makes it of an http.Request.
type Call struct {
	// Authorization and Connection are every value of these headers, in order of arrival.
	Authorization, Connection []string
	// Line is what the request asks for, as the client sent it.
	Line oathmesh.RequestLine
	// Body gives the raw body, not decompressed, de-chunked, within the context; it is asked at most once, and
	// only where binding needs it. Nil stands for a request without a body.
	Body func(ctx context.Context, maxBytes int64) ([]byte, error)
}

// ErrBodyOverLimit is what Call.Body fails with when there are more than maxBytes. Any other error counts
// as a body that cannot be read.
var ErrBodyOverLimit = errors.New("oathmesh: the body is over the limit")

// Caller is who called and with what declared intent: every claim here is proven by the issuer's signature.
type Caller struct {
	Claims oathmesh.Claims
	KeyID  string
	// Rule of the policy that allowed the call; empty with policy.AllowAll.
	Rule string
	// Degraded: the replay store was away and the token passed from the known-good window.
	Degraded bool
}
