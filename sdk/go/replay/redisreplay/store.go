// Package redisreplay keeps used tokens in a Redis that verifiers and gateways of one audience share: a
// gateway and a service in Go take each token once between them.
//
// Keys, lifetimes, epochs and the script are those of the gateways. See `docs/replay-and-revocation.md`.
package redisreplay

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oathmesh/oathmesh-go/replay"
)

// Store is one Redis as seen by this process. Share one among all verifiers of the process. Safe for use by
// several goroutines at once.
type Store struct {
	options Options
	link    link
	watch   *watch
	epochs  map[string]*epoch
	good    *knownGood
	revoked *revokedSubjects
	stats   struct{ degraded, unavailable atomic.Int64 }
}

// Stats are counters since the store was opened, and what is known now.
type Stats struct {
	// Away: Redis is known to be away, by loss of connection or by silence.
	Away bool
	// Degraded calls passed, and Unavailable calls were refused, because no use could be recorded.
	Degraded, Unavailable int64
}

// Open begins to connect, and does not wait for it: a Redis that is away is a warning. The error is about
// the options.
func Open(options Options) (*Store, error) {
	checked, err := options.checked()
	if err != nil {
		return nil, err
	}
	s := &Store{
		options: checked, link: checked.link(), epochs: map[string]*epoch{},
		good: newKnownGood(), revoked: newRevokedSubjects(),
	}
	for _, key := range s.link.epochKeys() {
		s.epochs[key] = newEpoch(key, s.link.ask, checked.Now, checked.Logger)
	}
	s.watch = newWatch(s.connect, s.report)
	s.watch.suspect()
	return s, nil
}

// Close ends all connections; the store refuses everything afterwards.
func (s *Store) Close() error {
	s.watch.close()
	return s.link.close()
}

// Stats gives the counters.
func (s *Store) Stats() Stats {
	return Stats{s.watch.now() == away, s.stats.degraded.Load(), s.stats.unavailable.Load()}
}

// Ready waits until Redis can be used, or the context ends.
func (s *Store) Ready(ctx context.Context) error {
	for s.watch.now() != up {
		select {
		case <-ctx.Done():
			return fmt.Errorf("redisreplay: Redis cannot be used yet: %w", ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
	return nil
}

// connect is the probe: a connection, and a mark on every server that is usable, so that the first token
// after a start is not the one to be refused.
func (s *Store) connect(ctx context.Context) error {
	if err := s.link.connect(ctx); err != nil {
		return err
	}
	var preparing sync.WaitGroup
	for key, one := range s.epochs {
		preparing.Add(1)
		go func() {
			defer preparing.Done()
			// What fails here is made up for by the first claim.
			if server := s.link.serverOf(ctx, key); server != "" {
				_ = one.prepare(ctx, server)
			}
		}()
	}
	preparing.Wait()
	return nil
}

// report: rare by construction, a line per change.
func (s *Store) report(now state, cause error) {
	logger := s.options.Logger
	switch now {
	case up:
		logger.Info("Redis can be used: uses of tokens are recorded")
	case away:
		logger.Warn("Redis is away: new tokens are refused until it is back", "cause", fmt.Sprint(cause))
	case faulty:
		logger.Warn("Redis cannot be used: tokens are refused until it can", "cause", fmt.Sprint(cause))
	}
}

type answer struct {
	outcome replay.Outcome
	err     error
}

// Claim is replay.Store.Claim. Any fault is replay.Unavailable, within the time-out.
func (s *Store) Claim(ctx context.Context, use replay.Use, now float64) (replay.Outcome, error) {
	if s.watch.now() == away {
		return s.withoutRedis(use), nil
	}
	limit, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	if err := s.connected(limit); err != nil {
		return s.failed(ctx, use)
	}
	got := s.attempt(limit, use, now)
	if errors.Is(got.err, errNothingSent) {
		// Redis was restarted or failed over: once there is a connection to the process of now, it can be asked.
		s.await(limit, got.err)
		got = s.attempt(limit, use, now)
	}
	if got.err != nil {
		// Nobody repeats the command: whether it was carried out is not known.
		s.await(limit, got.err)
		return s.failed(ctx, use)
	}
	// Fresh twice: the store has lost a record, evicted perhaps, that this process remembers.
	if got.outcome == replay.Fresh && !s.good.add(use) {
		return replay.Seen, nil
	}
	return got.outcome, nil
}

// attempt asks, and waits within the limit.
func (s *Store) attempt(limit context.Context, use replay.Use, now float64) answer {
	answers := make(chan answer)
	go s.claim(limit, use, now, answers)
	select {
	case got := <-answers:
		if got.err == nil && got.outcome != replay.Revoked {
			s.revoked.remove(use.Subject)
		}
		return got
	case <-limit.Done():
		s.watch.suspect()
		return answer{err: context.DeadlineExceeded}
	}
}

// connected waits for the first connection, or for one that is being replaced.
func (s *Store) connected(limit context.Context) error {
	if s.watch.now() == up {
		return nil
	}
	if s.watch.now() == suspected && s.link.serverOf(limit, s.link.epochKeys()[0]) != "" {
		return nil
	}
	s.await(limit, errNotConnected)
	if s.watch.now() == away {
		return errNotConnected
	}
	return nil
}

// await finds out, within the limit, what a fault of a connection means.
func (s *Store) await(limit context.Context, fault error) {
	ours := errors.Is(fault, errNotConnected) || errors.Is(fault, errNothingSent)
	if !ours && judge(fault) == refusedService {
		return
	}
	select {
	case <-s.watch.suspect():
	case <-limit.Done():
	}
}

// claim goes on after the caller has stopped waiting: an answer that comes late still counts.
func (s *Store) claim(limit context.Context, use replay.Use, now float64, answers chan<- answer) {
	outcome, err := s.ask(context.Background(), use, now)
	switch {
	case err == nil:
		s.watch.answer()
	case isReply(err):
		s.watch.answer()
		if strings.Contains(err.Error(), "READONLY") {
			s.link.left()
			s.watch.suspect()
		}
	}
	select {
	case answers <- answer{outcome, err}:
	case <-limit.Done():
		// Nobody waits any more: the call was refused for want of this answer.
		if outcome == replay.Seen || outcome == replay.HistoryUnknown {
			s.good.strike(use)
		}
	}
}

func (s *Store) ask(ctx context.Context, use replay.Use, now float64) (replay.Outcome, error) {
	keys := s.link.keysOf(use)
	found, err := s.link.record(ctx, entry{
		keys: keys, lifetimeMs: replay.LifetimeSeconds(use, now) * 1000,
		subject: use.Subject, revocation: s.revocationOf(use),
	})
	if err != nil {
		return replay.Unavailable, err
	}
	if found.outcome == replay.Revoked {
		s.revoked.add(use.Subject)
	}
	if found.outcome != replay.Fresh {
		return found.outcome, nil
	}
	covered, err := s.epochs[keys.epoch].covers(ctx, use.IssuedAt, found.mark, found.server)
	switch {
	case err != nil:
		return replay.Unavailable, err
	case !covered:
		return replay.HistoryUnknown, nil
	}
	return replay.Fresh, nil
}

func (s *Store) revocationOf(use replay.Use) revocationAsked {
	switch {
	case s.options.IgnoreRevocations:
		return ignored
	case s.revoked.has(use.Subject):
		return suspectedRevoked
	default:
		return asked
	}
}

// failed: a claim that failed is a refusal, unless Redis is known to be away.
func (s *Store) failed(ctx context.Context, use replay.Use) (replay.Outcome, error) {
	if s.watch.now() == away {
		return s.withoutRedis(use), nil
	}
	if err := ctx.Err(); err != nil {
		return replay.Unavailable, err
	}
	s.stats.unavailable.Add(1)
	return replay.Unavailable, nil
}

// withoutRedis: a token that this process verified a moment ago is good, unless its subject is known to be
// revoked; every other token is not.
func (s *Store) withoutRedis(use replay.Use) replay.Outcome {
	if !s.options.IgnoreRevocations && s.revoked.has(use.Subject) {
		return replay.Revoked
	}
	if s.good.has(use, s.options.KnownGoodWindow) {
		s.stats.degraded.Add(1)
		return replay.KnownGood
	}
	s.stats.unavailable.Add(1)
	return replay.Unavailable
}
