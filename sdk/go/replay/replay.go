// Package replay keeps a token from being used twice.
package replay

import (
	"context"
	"math"
)

// Use is one use of one token. Times are Unix seconds.
type Use struct {
	// Issuer, TokenID and Subject are `iss`, `jti` and `sub`, proven by the signature.
	Issuer, TokenID, Subject string
	IssuedAt                 int64
	// AcceptableUntil: from this instant on the token is refused as expired: `exp` plus the leeway.
	AcceptableUntil int64
	// Leeway is by how many seconds the clock of another verifier may differ from ours.
	Leeway int64
	// Token is the whole token, for stores that keep a digest of what they have verified.
	Token string
	// Realm keeps what one verifier has seen apart from the others in this process.
	Realm string
}

// Outcome of a claim.
type Outcome int

const (
	// Unavailable: not recorded; nothing is known. The zero value, so that what is forgotten refuses.
	Unavailable Outcome = iota
	// Fresh: recorded now, never seen before.
	Fresh
	// KnownGood: the store is known to be away; this process itself verified this token a moment ago.
	KnownGood
	// Seen: recorded before.
	Seen
	// Revoked: the subject is on the list of revoked subjects.
	Revoked
	// HistoryUnknown: the token is older than the store's memory.
	HistoryUnknown
	// Full: no room to record it.
	Full
)

// Store checks and records a use in one atomic operation. Spec 7.1.
type Store interface {
	// Claim asks once. now is Unix seconds with a fraction, the call's one clock reading. Faults of the store
	// are outcomes; the error is that of the context, when it ended first.
	Claim(ctx context.Context, use Use, now float64) (Outcome, error)
}

// LifetimeSeconds is how long from now a use must be remembered: `exp + 2L − now` in whole seconds, rounded
// up. The token could be accepted here until `exp + L`, and at a gateway whose clock is behind ours as long
// again as the leeway forgives.
func LifetimeSeconds(use Use, now float64) int64 {
	return max(1, int64(math.Ceil(float64(use.AcceptableUntil+use.Leeway)-now)))
}
