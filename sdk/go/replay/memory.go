package replay

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"github.com/oathmesh/oathmesh-go/internal/strictjson"
)

// DefaultMaxEntries of the memory store that verifiers share unless they are given another.
const DefaultMaxEntries = 200_000

// processStart is read before this process can have seen any token.
var processStart = time.Now()

// Process is the one memory store of this process: two verifiers with one audience must not each accept a
// token.
var Process = NewMemory(DefaultMaxEntries)

// Memory remembers uses in this process, so it defends one process only: use Redis where there are more. A
// full store refuses and never forgets. It has no list of revoked subjects. Spec 7.3.
type Memory struct {
	startedAt  int64
	maxEntries int
	// Monotonic seconds.
	elapsed func() float64

	mu      sync.Mutex
	records map[[sha256.Size]byte]struct{}
	// The same records by the second in which they lapse: a few hundred cohorts at most.
	cohorts map[int64]*cohort
	sweptAt int64
}

// cohort is records that lapse in the same second of the monotonic clock.
type cohort struct {
	keys [][sha256.Size]byte
	// Unix seconds: no token among them can be accepted by any clock from here on.
	until int64
}

// NewMemory makes a store that holds so many live records at most; above it every new token is refused.
// What was used before this process began is not known, so tokens issued before it are refused.
func NewMemory(maxEntries int) *Memory {
	return NewMemorySince(maxEntries, processStart)
}

// NewMemorySince is NewMemory for a process that began at another time, as tests have it.
func NewMemorySince(maxEntries int, startedAt time.Time) *Memory {
	born := time.Now()
	return &Memory{
		startedAt: startedAt.Unix(), maxEntries: maxEntries,
		elapsed: func() float64 { return time.Since(born).Seconds() },
		records: map[[sha256.Size]byte]struct{}{},
		cohorts: map[int64]*cohort{}, sweptAt: -1,
	}
}

// Claim never waits.
func (m *Memory) Claim(_ context.Context, use Use, now float64) (Outcome, error) {
	if use.IssuedAt < m.startedAt {
		return HistoryUnknown, nil
	}
	key := Digest(use)
	m.mu.Lock()
	defer m.mu.Unlock()
	second := int64(m.elapsed())
	m.sweep(second, now)
	if _, seen := m.records[key]; seen {
		return Seen, nil
	}
	if len(m.records) >= m.maxEntries {
		return Full, nil
	}
	m.records[key] = struct{}{}
	m.enlist(key, second+wholeLife(use), use.AcceptableUntil+use.Leeway)
	return Fresh, nil
}

// wholeLife is whole seconds from the earliest instant at which any clock may accept a token, `iat − L`, to
// `exp + 2L`: a bound that does not depend on what our clock showed when it was used.
func wholeLife(use Use) int64 {
	return max(1, use.AcceptableUntil-use.IssuedAt+2*use.Leeway) + 1
}

func (m *Memory) enlist(key [sha256.Size]byte, lapse, until int64) {
	those := m.cohorts[lapse]
	if those == nil {
		those = &cohort{}
		m.cohorts[lapse] = those
	}
	those.keys = append(those.keys, key)
	those.until = max(those.until, until)
}

// Len is how many records are held.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.records)
}

// sweep: both clocks must agree that a token is dead. The wall clock alone forgets when it is set forward and
// back again; the monotonic one alone forgets a token that a clock set back brings to life again.
func (m *Memory) sweep(second int64, now float64) {
	if second <= m.sweptAt {
		return
	}
	m.sweptAt = second
	for lapse, those := range m.cohorts {
		if lapse > second || float64(those.until) > now {
			continue
		}
		for _, key := range those.keys {
			delete(m.records, key)
		}
		delete(m.cohorts, lapse)
	}
}

// Digest names a use: SHA-256 of issuer, a zero byte and id, the same in every implementation.
func Digest(use Use) [sha256.Size]byte {
	return sha256.Sum256([]byte(strictjson.WellFormed(use.Issuer) + "\x00" + strictjson.WellFormed(use.TokenID)))
}
