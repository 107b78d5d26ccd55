package oathmesh

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// RoundTrip sends a request with a fresh token and makes Client an http.RoundTripper.
//
// A refusal of the gateway is an answer. What is sent again, always with another token, is in the table of
// the README: an answer that asks to wait, and, once, a call whose answer was lost. It fails with *MintError
// when there is no token to have. Redirects that an http.Client follows are refused: see HTTPClient.
func (c *Client) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Response != nil {
		closeBody(request)
		return nil, errors.New("oathmesh: the API redirects, and a redirect is not followed: the token is spent, " +
			"and another must not go to wherever it points; use Client.HTTPClient, or CheckRedirect with http.ErrUseLastResponse")
	}
	call, err := c.prepare(request)
	if err != nil {
		return nil, err
	}
	response, err := c.send(call)
	if call.open == nil || !c.mayRepeat(call, response, err) {
		return response, err
	}
	if response != nil {
		response.Body.Close()
	}
	return c.send(call)
}

// mayRepeat reports whether a new token helps: the answer was lost and the method is idempotent, or the
// gateway has started after the token was minted and let nothing through.
func (c *Client) mayRepeat(call *preparedCall, response *http.Response, err error) bool {
	if err != nil {
		var lost *lostAnswer
		return errors.As(err, &lost) && isIdempotent(call.line.Method) && call.original.Context().Err() == nil
	}
	switch tokenFault(response, c.options.Timeout) {
	case tooOld:
		c.pool.clear()
		return true
	case lostOnTheWay:
		return isIdempotent(call.line.Method)
	default:
		return false
	}
}

// send goes along with answers that ask for time.
func (c *Client) send(call *preparedCall) (*http.Response, error) {
	ctx := call.original.Context()
	for left := c.options.Retries; ; left-- {
		response, err := c.sendOnce(ctx, call)
		if err != nil || left <= 0 || call.open == nil || response.StatusCode != http.StatusServiceUnavailable {
			return response, err
		}
		pause, asked := retryAfter(response.Header)
		if !asked || pause > c.options.LongestWait {
			return response, nil
		}
		if !isIdempotent(call.line.Method) && !wasHeldBack(response, c.options.Timeout) {
			return response, nil
		}
		// An answer nobody reads would hold its connection.
		response.Body.Close()
		if err := sleep(ctx, pause); err != nil {
			return nil, err
		}
	}
}

func (c *Client) sendOnce(ctx context.Context, call *preparedCall) (*http.Response, error) {
	token, err := c.token(ctx, call)
	if err != nil {
		closeBody(call.original)
		return nil, err
	}
	response, err := c.options.Transport.RoundTrip(call.withToken(token))
	if err != nil {
		return nil, &lostAnswer{withoutToken(err, token)}
	}
	return response, nil
}

// lostAnswer is a request that was sent, or nearly, and not answered.
type lostAnswer struct{ cause error }

func (e *lostAnswer) Error() string { return "oathmesh: no answer: " + e.cause.Error() }

func (e *lostAnswer) Unwrap() error { return e.cause }

// withoutToken gives the error itself unless it quotes the token, as net/http quotes malformed answers.
func withoutToken(err error, token string) error {
	text := err.Error()
	for _, part := range strings.Split(token, ".") {
		if len(part) >= 8 {
			text = strings.ReplaceAll(text, part, "[removed]")
		}
	}
	if text == err.Error() {
		return err
	}
	return errors.New(quote(text))
}

func closeBody(request *http.Request) {
	if request.Body != nil {
		request.Body.Close()
	}
}
