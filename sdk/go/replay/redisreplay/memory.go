package redisreplay

import (
	"crypto/sha256"
	"math"
	"sync"

	"github.com/oathmesh/oathmesh-go/replay"
)

const (
	maxKnownGood = 100_000
	maxRevoked   = 100_000
	// How long a finding outlives the last answer: as long as the longest known-good window.
	rememberedSeconds = 60
)

// knownGood is the tokens this process has itself found fresh a moment ago. Bounded; when it is full the
// oldest are forgotten, which refuses more and never less.
type knownGood struct {
	mu sync.Mutex
	// Unix seconds of the verification, by digest of realm and token.
	verifiedAt *recent[[sha256.Size]byte, float64]
}

func newKnownGood() *knownGood {
	return &knownGood{verifiedAt: newRecent[[sha256.Size]byte, float64](maxKnownGood)}
}

// add is false when the token is known already; its window is not renewed.
func (k *knownGood) add(use replay.Use, now float64) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	name := nameOf(use)
	if _, known := k.verifiedAt.get(name); known {
		return false
	}
	k.verifiedAt.set(name, now)
	return true
}

// has reports whether the token was verified less than a window ago; after a clock set back it was not.
func (k *knownGood) has(use replay.Use, now, windowSeconds float64) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	verifiedAt, known := k.verifiedAt.get(nameOf(use))
	age := now - verifiedAt
	return known && age >= 0 && age < windowSeconds
}

// strike ends the window of a token that has been seen elsewhere. It stays known, so that it is never fresh.
func (k *knownGood) strike(use replay.Use) {
	k.mu.Lock()
	defer k.mu.Unlock()
	name := nameOf(use)
	if _, known := k.verifiedAt.get(name); known {
		k.verifiedAt.set(name, math.Inf(-1))
	}
}

// nameOf the whole token: an id alone could be borrowed by a token that was never verified here.
func nameOf(use replay.Use) [sha256.Size]byte {
	return sha256.Sum256([]byte(use.Realm + "\x00" + use.Token))
}

// revokedSubjects is who was found revoked lately: the last snapshot, for when the list cannot be asked. It
// holds no findings to the contrary, since every healthy claim asks anew. Spec 8.2.
type revokedSubjects struct {
	mu sync.Mutex
	// Unix seconds of the latest answer, by subject.
	foundAt *recent[string, float64]
}

func newRevokedSubjects() *revokedSubjects {
	return &revokedSubjects{foundAt: newRecent[string, float64](maxRevoked)}
}

func (r *revokedSubjects) learn(subject string, revoked bool, now float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if revoked {
		r.foundAt.set(subject, now)
	} else {
		r.foundAt.drop(subject)
	}
}

func (r *revokedSubjects) has(subject string, now float64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	foundAt, known := r.foundAt.get(subject)
	return known && math.Abs(now-foundAt) < rememberedSeconds
}
