package redisreplay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"regexp"
	"strconv"
	"sync"
	"time"
)

const (
	epochAttempts = 3
	// So often the same server may be found under a mark of another before its identity is distrusted.
	contested = 3
	// An epoch further ahead than this was written by a gateway whose clock is wrong.
	clockFaultSeconds = 60
	// anonymous stands for a server that does not say which process it is.
	anonymous = "anonymous"
)

// markGrammar is `<Unix seconds> <server>`: since when that server remembers every use.
var markGrammar = regexp.MustCompile(`^(\d{1,12}) (\S+)$`)

type beginning struct {
	mark    string
	seconds int64
	// Who wrote the mark.
	server string
}

// asker sends one command that names one key. The reply is a string, or nil.
type asker func(ctx context.Context, command ...any) (any, error)

// epoch knows since when a Redis remembers, so that what it has forgotten is refused and not believed to be
// new. History begins anew when the mark is missing (emptied, other database), or when another server wrote
// it (restarted from a snapshot, failed over to a replica that lagged).
type epoch struct {
	key    string
	ask    asker
	now    func() time.Time
	logger *slog.Logger

	mu sync.Mutex
	// The mark in force, and the server it was found on.
	agreed   *beginning
	agreedOn string
	// Latest `iat` this process has accepted under that mark; an issuer's clock may be ahead.
	newest   int64
	contests int
	settling *settlement
}

// settlement is shared by whoever comes while it lasts.
type settlement struct {
	done chan struct{}
	err  error
}

func newEpoch(key string, ask asker, now func() time.Time, logger *slog.Logger) *epoch {
	return &epoch{key: key, ask: ask, now: now, logger: logger, newest: math.MinInt64}
}

// covers reports whether a token issued at issuedAt can only have been used within the history of the
// server. mark is what stood under the key after its use was recorded; nil for nothing.
func (e *epoch) covers(ctx context.Context, issuedAt int64, mark any, server string) (bool, error) {
	if err := e.settle(ctx, mark, server); err != nil {
		return false, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.agreed == nil || issuedAt < e.agreed.seconds {
		return false, nil
	}
	e.newest = max(e.newest, issuedAt)
	return true, nil
}

// prepare sees to it that a mark stands before the first token comes.
func (e *epoch) prepare(ctx context.Context, server string) error {
	e.mu.Lock()
	ready := e.agreed != nil && e.agreedOn == server
	e.mu.Unlock()
	if ready {
		return nil
	}
	mark, err := e.ask(ctx, "get", e.key)
	if err != nil {
		return err
	}
	return e.settle(ctx, mark, server)
}

func (e *epoch) settle(ctx context.Context, mark any, server string) error {
	e.mu.Lock()
	if e.agreed != nil && e.agreed.mark == mark && e.agreedOn == server {
		e.mu.Unlock()
		return nil
	}
	flight := e.settling
	if flight == nil {
		flight = &settlement{done: make(chan struct{})}
		e.settling = flight
		// On behalf of all who wait, so not with the context of one.
		go func() {
			flight.err = e.agree(context.WithoutCancel(ctx), mark, server)
			e.mu.Lock()
			e.settling = nil
			e.mu.Unlock()
			close(flight.done)
		}()
	}
	e.mu.Unlock()
	select {
	case <-flight.done:
		return flight.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (e *epoch) agree(ctx context.Context, mark any, server string) error {
	for attempt := 0; attempt < epochAttempts; attempt++ {
		former, err := parseMark(mark)
		if err != nil {
			return err
		}
		if e.adoptFormer(former, server) {
			return nil
		}
		next := e.begin(server)
		written, err := e.write(ctx, next.mark, former == nil)
		if err != nil {
			return err
		}
		if written {
			e.logger.Info("replay history begins; tokens issued earlier are refused",
				"epoch", next.seconds, "why", why(former, server))
			e.adopt(next, server)
			return nil
		}
		if mark, err = e.ask(ctx, "get", e.key); err != nil {
			return err
		}
	}
	return errors.New("the epoch of the replay records does not stand still")
}

// adoptFormer takes a mark over where the history behind it is that of the server. Gateways behind unequal
// proxies may see one Redis under several identities, and would overwrite each other's marks for ever: they
// stop.
func (e *epoch) adoptFormer(former *beginning, server string) bool {
	if former == nil {
		return false
	}
	e.mu.Lock()
	own := former.server == server || server == anonymous
	if !own && e.agreed != nil && e.agreedOn == server {
		e.contests++
		own = e.contests > contested
	}
	own = own && former.seconds > e.newest
	e.mu.Unlock()
	if own {
		e.adopt(former, server)
	}
	return own
}

// begin gives the first second that no use before now can belong to: the present second has uses in it
// already, and so has every second up to the latest `iat` that was accepted.
func (e *epoch) begin(server string) *beginning {
	e.mu.Lock()
	defer e.mu.Unlock()
	seconds := max(e.now().Unix(), e.newest) + 1
	return &beginning{fmt.Sprintf("%d %s", seconds, server), seconds, server}
}

// write: of several who find no mark one writes it; a mark of another server is simply replaced.
func (e *epoch) write(ctx context.Context, mark string, missing bool) (bool, error) {
	command := []any{"set", e.key, mark}
	if missing {
		command = append(command, "NX")
	}
	reply, err := e.ask(ctx, command...)
	return reply == "OK", err
}

func (e *epoch) adopt(next *beginning, server string) {
	e.mu.Lock()
	e.agreed, e.agreedOn, e.newest = next, server, math.MinInt64
	e.mu.Unlock()
	if next.seconds > e.now().Unix()+clockFaultSeconds {
		e.logger.Error("replay history begins in the future: check the clocks of all gateways", "epoch", next.seconds)
	}
}

func why(former *beginning, server string) string {
	switch {
	case former == nil:
		return "Redis has no epoch"
	case former.server != server:
		return "Redis is another process than before"
	default:
		return "Redis may have lost records since"
	}
}

// parseMark: what is not a mark of ours must not be taken for one, nor written over unseen: claims fail.
func parseMark(mark any) (*beginning, error) {
	if mark == nil {
		return nil, nil
	}
	text, _ := mark.(string)
	parts := markGrammar.FindStringSubmatch(text)
	if parts == nil {
		return nil, errors.New("the epoch of the replay records is not readable")
	}
	seconds, err := strconv.ParseInt(parts[1], 10, 64)
	return &beginning{text, seconds, parts[2]}, err
}
