package keys

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// maxBytes of one document. A set of 100 keys needs a quarter of it. Spec 5.3.
const maxBytes = 64 * 1024

// fault is why there is no good document. The message is for the operator.
type fault struct {
	found   Found
	message string
}

// fetched is a good document, as sent and as read.
type fetched struct {
	body []byte
	set  *Set
}

// fetch reads one document within the timeout, name resolution and body included. Redirects are answers
// like any other and are never followed. The same bytes as last are not read again.
func fetch(client *http.Client, location string, timeout time.Duration, last *fetched) (*fetched, *fault) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, location, nil)
	if err != nil {
		return nil, &fault{InvalidDocument, "the URL cannot be requested"}
	}
	request.Header.Set("Accept", "application/jwk-set+json, application/json")
	request.Header.Set("Accept-Encoding", "identity")
	response, err := client.Do(request)
	if err != nil {
		return nil, noAnswer(ctx, err, timeout)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, &fault{faultOfStatus(response.StatusCode), fmt.Sprintf("answered with status %d", response.StatusCode)}
	}
	body, unusable, err := readBody(response)
	if err != nil {
		return nil, noAnswer(ctx, err, timeout)
	}
	if unusable != "" {
		return nil, &fault{InvalidDocument, unusable}
	}
	if last != nil && bytes.Equal(last.body, body) {
		return last, nil
	}
	set, err := ParseSet(body)
	if err != nil {
		return nil, &fault{InvalidDocument, err.Error()}
	}
	return &fetched{body, set}, nil
}

func readBody(response *http.Response) (body []byte, unusable string, err error) {
	// Unpacking would let a few kilobytes become gigabytes, and we asked for none.
	if encoding := response.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return nil, "the body is compressed", nil
	}
	body, err = io.ReadAll(io.LimitReader(response.Body, maxBytes+1))
	if err == nil && len(body) > maxBytes {
		return nil, fmt.Sprintf("the body is longer than %d bytes", maxBytes), nil
	}
	return body, "", err
}

// faultOfStatus: what passes with time is an outage, worth a retry by the caller; the rest is a wrong answer.
func faultOfStatus(status int) Found {
	if status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout {
		return Unreachable
	}
	return InvalidDocument
}

func noAnswer(ctx context.Context, err error, timeout time.Duration) *fault {
	if ctx.Err() != nil {
		return &fault{Unreachable, fmt.Sprintf("no complete answer within %s", timeout)}
	}
	// Without the URL, which the log line names already.
	var inner interface{ Unwrap() error }
	if errors.As(err, &inner) && inner.Unwrap() != nil {
		err = inner.Unwrap()
	}
	return &fault{Unreachable, err.Error()}
}
