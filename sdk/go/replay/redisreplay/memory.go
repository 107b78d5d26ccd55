package redisreplay

import (
	"crypto/sha256"
	"sync"
	"time"

	"github.com/oathmesh/oathmesh-go/replay"
)

const (
	maxKnownGood = 100_000
	maxRevoked   = 100_000
	// How long a finding outlives the last answer: as long as the longest known-good window.
	remembered = time.Minute
)

// knownGood is the tokens this process has itself found fresh a moment ago. Bounded; when it is full the
// oldest are forgotten, which refuses more and never less.
type knownGood struct {
	mu sync.Mutex
	// By digest of realm and token; zero once it has been struck. time.Now has a monotonic reading: a wall clock
	// that is set back would open a window anew.
	verifiedAt *recent[[sha256.Size]byte, time.Time]
}

func newKnownGood() *knownGood {
	return &knownGood{verifiedAt: newRecent[[sha256.Size]byte, time.Time](maxKnownGood)}
}

// add is false when the token is known already; its window is not renewed.
func (k *knownGood) add(use replay.Use) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	name := nameOf(use)
	if _, known := k.verifiedAt.get(name); known {
		return false
	}
	k.verifiedAt.set(name, time.Now())
	return true
}

// has reports whether the token was verified less than a window ago.
func (k *knownGood) has(use replay.Use, window time.Duration) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	verifiedAt, known := k.verifiedAt.get(nameOf(use))
	return known && !verifiedAt.IsZero() && time.Since(verifiedAt) < window
}

// strike ends the window of a token that has been seen elsewhere, and opens none later: that it has been used is not
// forgotten, whatever Redis forgets. Also of one that was never known here: all its uses may have been refused for
// want of an answer.
func (k *knownGood) strike(use replay.Use) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.verifiedAt.set(nameOf(use), time.Time{})
}

// nameOf the whole token: an id alone could be borrowed by a token that was never verified here.
func nameOf(use replay.Use) [sha256.Size]byte {
	return sha256.Sum256([]byte(use.Realm + "\x00" + use.Token))
}

// revokedSubjects is who was found revoked lately: the last snapshot, for when the list cannot be asked. It
// holds no findings to the contrary, since every healthy claim asks anew. Spec 8.2.
type revokedSubjects struct {
	mu sync.Mutex
	// The latest answer, by subject.
	foundAt *recent[string, time.Time]
}

func newRevokedSubjects() *revokedSubjects {
	return &revokedSubjects{foundAt: newRecent[string, time.Time](maxRevoked)}
}

func (r *revokedSubjects) add(subject string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.foundAt.set(subject, time.Now())
}

// remove: the list has just said so. An answer that came late says so of the past only.
func (r *revokedSubjects) remove(subject string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.foundAt.drop(subject)
}

func (r *revokedSubjects) has(subject string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	foundAt, known := r.foundAt.get(subject)
	return known && time.Since(foundAt) < remembered
}
