package keys

import "time"

// Restarts may be ordered at any rate; the fetches they cause begin at least this far apart.
const restartSpacingMs = 1_000

// refresher fetches the document of a set, one fetch at a time, and holds back after failures. The lock of
// the set guards it.
type refresher struct {
	set       *RemoteSet
	backOff   backOff
	flight    chan struct{}
	last      *fetched
	startedAt int64
	restarts  int
	spaced    bool
	fetches   int
}

// failing reports whether the last fetch failed.
func (r *refresher) failing() bool { return r.backOff.failures > 0 }

// refresh gives the fetch in flight, begun now if need be; nil while holding back.
func (r *refresher) refresh(now int64) <-chan struct{} {
	if r.flight == nil && r.backOff.waitMs(now) == 0 {
		r.flight = make(chan struct{})
		go r.run()
	}
	if r.flight == nil {
		return nil
	}
	return r.flight
}

// restart fetches as soon as the spacing allows; what is in flight is discarded and fetched again.
func (r *refresher) restart(now int64) {
	r.restarts++
	r.spaced = true
	r.backOff.reset()
	r.refresh(now)
}

func (r *refresher) run() {
	for {
		r.space()
		restarts, startedAt, last := r.start()
		answer, failed := fetch(r.set.ports.Client, r.set.location, r.set.settings.Timeout, last)
		if r.land(restarts, startedAt, answer, failed) {
			return
		}
	}
}

func (r *refresher) start() (restarts int, startedAt int64, last *fetched) {
	r.set.mu.Lock()
	defer r.set.mu.Unlock()
	r.startedAt = r.set.now()
	r.spaced = false
	r.fetches++
	r.set.budget.spend(r.startedAt)
	return r.restarts, r.startedAt, r.last
}

// land reports whether the flight is over.
func (r *refresher) land(restarts int, startedAt int64, answer *fetched, failed *fault) bool {
	r.set.mu.Lock()
	defer r.set.mu.Unlock()
	if restarts != r.restarts {
		// Restarted meanwhile: this answer may be older than what the restart was for.
		return false
	}
	now := r.set.now()
	if failed != nil {
		r.backOff.fail(now)
		r.set.reject(failed, now)
	} else {
		r.backOff.reset()
		r.last = answer
		r.set.accept(answer.set, startedAt)
	}
	close(r.flight)
	r.flight = nil
	return true
}

func (r *refresher) space() {
	r.set.mu.Lock()
	wait := int64(0)
	if r.spaced {
		wait = restartSpacingMs - max(0, r.set.now()-r.startedAt)
	}
	r.set.mu.Unlock()
	if wait <= 0 {
		return
	}
	resume := make(chan struct{})
	r.set.ports.Later(time.Duration(wait)*time.Millisecond, func() { close(resume) })
	<-resume
}
