package replay

import (
	"context"
	"crypto/sha256"
	"math"
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
	// Monotonic seconds: a clock that is set forward and back must not make a use forgotten.
	elapsed func() float64

	mu      sync.Mutex
	records map[[sha256.Size]byte]struct{}
	// The same records by the second in which they lapse: a few hundred lists at most.
	lapses  map[int64][][sha256.Size]byte
	sweptAt int64
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
		lapses:  map[int64][][sha256.Size]byte{},
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
	m.sweep(second)
	if _, seen := m.records[key]; seen {
		return Seen, nil
	}
	if len(m.records) >= m.maxEntries {
		return Full, nil
	}
	lapse := second + LifetimeSeconds(use, math.Floor(now))
	m.records[key] = struct{}{}
	m.lapses[lapse] = append(m.lapses[lapse], key)
	return Fresh, nil
}

// Len is how many records are held.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.records)
}

func (m *Memory) sweep(second int64) {
	if second <= m.sweptAt {
		return
	}
	m.sweptAt = second
	for lapse, keys := range m.lapses {
		if lapse > second {
			continue
		}
		for _, key := range keys {
			delete(m.records, key)
		}
		delete(m.lapses, lapse)
	}
}

// Digest names a use: SHA-256 of issuer, a zero byte and id, the same in every implementation.
func Digest(use Use) [sha256.Size]byte {
	return sha256.Sum256([]byte(strictjson.WellFormed(use.Issuer) + "\x00" + strictjson.WellFormed(use.TokenID)))
}
