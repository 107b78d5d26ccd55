package keys

import "math"

const (
	firstWaitMs   = 1_000
	longestWaitMs = 15_000
	burst         = 2
)

// backOff says when to try again after failures: 1, 2, 4, … at most 15 seconds, each shortened at random
// by up to a half, so that a fleet does not come back as one. Times are milliseconds of the wall clock.
type backOff struct {
	random   func() float64
	failures int
	failedAt int64
	retryAt  int64
}

// waitMs from now until the next attempt is due; 0 when it is.
func (b *backOff) waitMs(now int64) int64 {
	// A clock that was set back must not turn seconds of waiting into hours.
	if now < b.failedAt {
		return 0
	}
	return max(0, b.retryAt-now)
}

func (b *backOff) fail(now int64) {
	ceiling := math.Min(longestWaitMs, firstWaitMs*math.Pow(2, math.Min(float64(b.failures), 10)))
	b.failures++
	b.failedAt = now
	b.retryAt = now + int64(ceiling*(1-b.random()/2))
}

func (b *backOff) reset() { b.failures, b.retryAt = 0, 0 }

// refreshBudget is how many fetches unknown key ids may cause: a bucket of two that regains one per
// cooldown. Every fetch draws on it, whatever its cause; only those for unknown key ids are held up by it.
type refreshBudget struct {
	cooldownMs float64
	level      float64
	at         int64
}

func (b *refreshBudget) allows(now int64) bool {
	b.refill(now)
	return b.level >= 1
}

func (b *refreshBudget) spend(now int64) {
	b.refill(now)
	b.level = math.Max(0, b.level-1)
}

func (b *refreshBudget) refill(now int64) {
	// A clock that was set back adds nothing.
	elapsed := math.Max(0, float64(now-b.at))
	b.level = math.Min(burst, b.level+elapsed/b.cooldownMs)
	b.at = now
}
