package oathmesh

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// preparedCall is a request that is ready to be sent, as often as its body allows.
type preparedCall struct {
	original *http.Request
	line     RequestLine
	// What is sent; nil without a body, and where the body is not in memory.
	body []byte
	// Opens the body anew; nil for one that streams by and can be read once only.
	open func() io.ReadCloser
}

// prepare reads the body into memory where its hash must go ahead of it.
func (c *Client) prepare(request *http.Request) (*preparedCall, error) {
	call := &preparedCall{original: request, line: lineOf(request)}
	switch {
	case request.Body == nil || request.Body == http.NoBody:
		call.open = func() io.ReadCloser { return http.NoBody }
	case c.options.Binding != BindingOff:
		body, err := io.ReadAll(request.Body)
		request.Body.Close()
		if err != nil {
			return nil, fmt.Errorf("oathmesh: the body of the request cannot be read: %w", err)
		}
		call.body = body
		call.open = func() io.ReadCloser { return io.NopCloser(bytes.NewReader(body)) }
	case request.GetBody != nil:
		first := request.Body
		call.open = func() io.ReadCloser {
			if body := first; body != nil {
				first = nil
				return body
			}
			body, err := request.GetBody()
			if err != nil {
				return io.NopCloser(failing{err})
			}
			return body
		}
	}
	return call, nil
}

// withToken is the request with this token, to be sent once.
func (p *preparedCall) withToken(token string) *http.Request {
	request := p.original.Clone(p.original.Context())
	request.Header.Set("Authorization", "OathMesh "+token)
	if p.open != nil {
		request.Body = p.open()
	}
	if p.body != nil {
		request.ContentLength = int64(len(p.body))
	}
	// net/http repeats some requests by itself when a connection breaks, and with the same token. It does
	// so only where it can have the body again, so it is given one that it cannot.
	request.GetBody = nil
	if (request.Body == nil || request.Body == http.NoBody) && repeatedByTransport(request) {
		request.ContentLength = 0
		request.Body = &emptyBody{}
	}
	return request
}

// repeatedByTransport: without a body, these are what net/http takes for safe to send twice.
func repeatedByTransport(request *http.Request) bool {
	switch request.Method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	header := request.Header
	return header.Get("Idempotency-Key") != "" || header.Get("X-Idempotency-Key") != ""
}

// lineOf is the request-target that net/http sends.
func lineOf(request *http.Request) RequestLine {
	method := request.Method
	if method == "" {
		method = http.MethodGet
	}
	target := request.URL.RequestURI()
	if _, rest, absolute := strings.Cut(target, "://"); absolute && !strings.HasPrefix(target, "/") {
		_, path, _ := strings.Cut(rest, "/")
		target = "/" + path
	}
	path, query, _ := strings.Cut(target, "?")
	return RequestLine{Method: method, RawPath: path, RawQuery: query}
}

// emptyBody has nothing in it, without being http.NoBody.
type emptyBody struct{}

func (*emptyBody) Read([]byte) (int, error) { return 0, io.EOF }

func (*emptyBody) Close() error { return nil }

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
