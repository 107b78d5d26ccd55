package oathmesh

import (
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// isIdempotent: repeating one of these does what doing it once does. RFC 9110, 9.2.2.
func isIdempotent(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPut, http.MethodDelete:
		return true
	}
	return false
}

// A refusal is a few hundred bytes.
const maxRefusalBytes = 16 * 1024

type refusal struct {
	Error string `json:"error"`
	Fix   string `json:"fix"`
	Step  int    `json:"step"`
}

// refusalOf is how the gateway refused, if it did. The body of the answer stays readable. A body that does
// not come within the limit is none.
func refusalOf(response *http.Response, limit time.Duration) (refusal, bool) {
	if response.StatusCode != http.StatusUnauthorized && response.StatusCode != http.StatusServiceUnavailable {
		return refusal{}, false
	}
	if !isJSON(response.Header) || response.ContentLength > maxRefusalBytes {
		return refusal{}, false
	}
	var said refusal
	// Every refusal has a fix; an upstream's own errors hardly do.
	err := json.Unmarshal(peek(response, limit), &said)
	return said, err == nil && said.Fix != ""
}

// wasHeldBack: the gateway was short of something it depends on, and the upstream never saw the request.
func wasHeldBack(response *http.Response, limit time.Duration) bool {
	said, refused := refusalOf(response, limit)
	return response.StatusCode == http.StatusServiceUnavailable && refused && said.Error == "verification_failed"
}

type fault int

const (
	noFault fault = iota
	// The token had been used, so somebody on the way has sent the request twice and the first answer is lost.
	lostOnTheWay
	// The gateway has started after the token was minted, and let nothing through.
	tooOld
)

// tokenFault is what a new token would help against.
func tokenFault(response *http.Response, limit time.Duration) fault {
	said, refused := refusalOf(response, limit)
	switch {
	case response.StatusCode != http.StatusUnauthorized || !refused:
		return noFault
	case said.Error == "replay_detected":
		return lostOnTheWay
	case said.Error == "verification_failed" && said.Step == 13:
		return tooOld
	default:
		return noFault
	}
}

// peek reads the beginning of a body, for a limited time, and leaves the body as it was. Whoever reads it
// afterwards waits for what peek has not waited for.
func peek(response *http.Response, limit time.Duration) []byte {
	body := &peekedBody{rest: response.Body, done: make(chan struct{})}
	response.Body = body
	go func() {
		defer close(body.done)
		body.head, _ = io.ReadAll(io.LimitReader(body.rest, maxRefusalBytes))
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-body.done:
		return body.head
	case <-timer.C:
		return nil
	}
}

type peekedBody struct {
	// Not to be read before done.
	head []byte
	rest io.ReadCloser
	done chan struct{}
}

func (b *peekedBody) Read(into []byte) (int, error) {
	<-b.done
	if len(b.head) > 0 {
		n := copy(into, b.head)
		b.head = b.head[n:]
		return n, nil
	}
	return b.rest.Read(into)
}

// Close ends the reading of what has not come.
func (b *peekedBody) Close() error { return b.rest.Close() }
