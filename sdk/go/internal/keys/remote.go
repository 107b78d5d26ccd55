package keys

import (
	"context"
	"math"
	"net/http"
	"sync"
	"time"

	"github.com/oathmesh/oathmesh-go/internal/strictjson"
)

// Settings of fetched key sets. All durations are positive, but for StaleIfError, which may be 0.
type Settings struct {
	// TTL: a fetched document is fresh for this long.
	TTL time.Duration
	// StaleIfError: keys of the last good document serve this much longer when the issuer is away.
	StaleIfError time.Duration
	// RefreshCooldown: at most one refresh per issuer in this time for unknown key ids, with a burst of two.
	RefreshCooldown time.Duration
	// Timeout bounds one whole fetch.
	Timeout time.Duration
}

// Ports are what a key set touches outside its own memory.
type Ports struct {
	Client *http.Client
	Now    func() time.Time
	Report Report
	// Random is uniform in [0, 1).
	Random func() float64
	// Later runs something once, after a delay, without keeping anything alive.
	Later func(delay time.Duration, run func())
}

// After so many lifetimes without a call, nothing is fetched until the next one.
const idleLifetimes = 10

// document is a good one and its times in milliseconds of the clock.
type document struct {
	*Set
	// When its fetch began: it may have been outdated by the time it arrived.
	fetchedAt int64
	// From then on it is fetched anew in the background.
	refreshAt int64
}

// RemoteSet is the keys that one issuer publishes at a URL. It opens nothing before it is asked. Spec 5.3.
type RemoteSet struct {
	issuer, location string
	settings         Settings
	ports            Ports
	ttlMs            int64

	mu        sync.Mutex
	current   *document
	misses    *misses
	budget    refreshBudget
	refresher refresher
	// Why the last failed fetch failed.
	fault  Found
	usedAt int64
	timer  bool
	// What the operator has been told last.
	told struct {
		failing bool
		doubts  string
	}
}

// NewRemoteSet makes a set of what stands at the location, a URL of SetURL.
func NewRemoteSet(issuer, location string, settings Settings, ports Ports) *RemoteSet {
	cooldownMs := settings.RefreshCooldown.Milliseconds()
	s := &RemoteSet{
		issuer: issuer, location: location, settings: settings, ports: ports,
		ttlMs:  settings.TTL.Milliseconds(),
		misses: newMisses(cooldownMs),
		budget: refreshBudget{cooldownMs: float64(cooldownMs), level: burst},
		fault:  Unreachable,
	}
	s.refresher = refresher{set: s, backOff: backOff{random: ports.Random}}
	return s
}

// Find looks a key up. It waits only while the issuer's keys are not cached, and fails only with the
// error of the context.
func (s *RemoteSet) Find(ctx context.Context, kid string) (Lookup, error) {
	s.mu.Lock()
	now := s.now()
	s.usedAt = now
	held := s.document(now)
	if held == nil {
		return s.await(ctx, s.refresher.refresh(now), kid, Lookup{Found: s.fault})
	}
	if now >= held.refreshAt {
		flight := s.refresher.refresh(now)
		// Past its lifetime a document serves only while the issuer is known to be failing.
		if flight != nil && now-held.fetchedAt >= s.ttlMs && !s.refresher.failing() {
			return s.await(ctx, flight, kid, Lookup{})
		}
	}
	if key, known := held.Keys[kid]; known {
		s.mu.Unlock()
		return Lookup{Present, key}, nil
	}
	return s.await(ctx, s.flightForUnknown(kid, now), kid, Lookup{Found: UnknownKid})
}

// Prewarm begins the first fetch and returns when it has ended, well or badly, or the context has.
func (s *RemoteSet) Prewarm(ctx context.Context) {
	s.mu.Lock()
	now := s.now()
	s.usedAt = now
	var flight <-chan struct{}
	if s.document(now) == nil {
		flight = s.refresher.refresh(now)
	}
	_, _ = s.await(ctx, flight, "", Lookup{})
}

// Purge forgets every fetched key at once and fetches again in the background, no sooner than a second
// after the last fetch began. Forgotten keys never serve as stale.
func (s *RemoteSet) Purge() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refresher.fetches == 0 {
		return
	}
	s.current = nil
	s.refresher.restart(s.now())
}

// await unlocks. Without a flight the answer is the one given.
func (s *RemoteSet) await(ctx context.Context, flight <-chan struct{}, kid string, otherwise Lookup) (Lookup, error) {
	s.mu.Unlock()
	if flight == nil {
		return otherwise, nil
	}
	select {
	case <-flight:
		return s.findAfterFlight(kid), nil
	case <-ctx.Done():
		return Lookup{}, ctx.Err()
	}
}

func (s *RemoteSet) findAfterFlight(kid string) Lookup {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	held := s.document(now)
	if held == nil {
		return Lookup{Found: s.fault}
	}
	if key, known := held.Keys[kid]; known {
		return Lookup{Present, key}
	}
	if !s.refresher.failing() && strictjson.Units(kid) <= maxKidLength {
		s.misses.add(kid, now)
	}
	return Lookup{Found: UnknownKid}
}

// flightForUnknown: a kid that the document does not hold is worth one fetch, if the budget has one.
func (s *RemoteSet) flightForUnknown(kid string, now int64) <-chan struct{} {
	if strictjson.Units(kid) > maxKidLength || s.misses.has(kid, now) {
		return nil
	}
	if s.refresher.flight != nil {
		return s.refresher.flight
	}
	if !s.budget.allows(now) {
		return nil
	}
	return s.refresher.refresh(now)
}

func (s *RemoteSet) now() int64 { return s.ports.Now().UnixMilli() }

// document is the one held, unless even its stale window is over.
func (s *RemoteSet) document(now int64) *document {
	held := s.current
	if held == nil {
		return nil
	}
	if held.fetchedAt > now {
		// The clock was set back. A lifetime that starts anew is bounded; waiting for the old one is not.
		return s.keep(held.Set, now)
	}
	if now-held.fetchedAt > s.ttlMs+s.settings.StaleIfError.Milliseconds() {
		s.current = nil
	}
	return s.current
}

func (s *RemoteSet) keep(set *Set, fetchedAt int64) *document {
	ttl := float64(s.ttlMs)
	// About 80 % of the lifetime, spread so that a fleet does not ask as one, but early enough for a whole
	// time-out to end within the lifetime: past it, calls would have to wait.
	spread := ttl * 0.8 * (0.95 + s.ports.Random()/10)
	latest := ttl - math.Min(float64(s.settings.Timeout.Milliseconds()), ttl/2)
	s.current = &document{set, fetchedAt, fetchedAt + int64(math.Min(spread, latest))}
	return s.current
}
