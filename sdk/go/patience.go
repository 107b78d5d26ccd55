package oathmesh

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// patience is how far a client goes along with a server that asks for time.
type patience struct {
	// Attempts after the first one.
	retries int
	// A longer Retry-After is not waited for: the answer is passed on at once.
	longest time.Duration
}

// retryAfter is how long an answer asks to wait before the next attempt, if it names a number of seconds.
// A date is none: it would need the server's clock. RFC 9110, 10.2.3.
func retryAfter(header http.Header) (time.Duration, bool) {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if len(value) == 0 || len(value) > 6 {
		return 0, false
	}
	seconds, err := strconv.ParseUint(value, 10, 32)
	return time.Duration(seconds) * time.Second, err == nil
}

// sleep fails when the context ends before.
func sleep(ctx context.Context, duration time.Duration) error {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
