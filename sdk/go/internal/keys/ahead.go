package keys

import (
	"strings"
	"time"
)

// Report tells the operator about the keys of one issuer, rarely by construction: the back-off bounds
// failures. The words are constants; the attributes come in pairs, as for log/slog.
type Report func(warning bool, message string, attributes ...any)

func (s *RemoteSet) accept(set *Set, startedAt int64) {
	if s.told.failing {
		s.ports.Report(false, "the keys of an issuer are fetched again", "issuer", s.issuer)
	}
	s.told.failing = false
	doubts := strings.Join(set.Dropped, "; ")
	if len(set.Keys) == 0 {
		doubts = strings.TrimSuffix("no usable key; "+doubts, "; ")
	}
	// An issuer that also publishes RSA keys would otherwise fill the log, a line per refresh.
	if doubts != "" && doubts != s.told.doubts {
		s.ports.Report(true, "an issuer publishes keys that cannot be used",
			"issuer", s.issuer, "keys", len(set.Keys), "dropped", len(set.Dropped), "cause", doubts)
	}
	s.told.doubts = doubts
	s.keep(set, startedAt)
	s.arm()
}

func (s *RemoteSet) reject(failed *fault, now int64) {
	held := 0
	if current := s.document(now); current != nil {
		held = len(current.Keys)
	}
	s.fault = failed.found
	s.told.failing = true
	s.ports.Report(true, "the keys of an issuer could not be fetched",
		"issuer", s.issuer, "cause", failed.message, "keys_held", held,
		"retry_seconds", (s.refresher.backOff.waitMs(now)+999)/1000)
	s.arm()
}

// arm sets the one timer that refreshes ahead of use.
func (s *RemoteSet) arm() {
	if s.timer {
		return
	}
	s.timer = true
	now := s.now()
	due := max(0, s.dueAt(now)-now, s.refresher.backOff.waitMs(now))
	s.ports.Later(time.Duration(due)*time.Millisecond, s.tick)
}

func (s *RemoteSet) tick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.timer = false
	if now-s.usedAt > idleLifetimes*s.ttlMs {
		return
	}
	// The end of the fetch sets the timer again.
	if now < s.dueAt(now) || s.refresher.refresh(now) == nil {
		s.arm()
	}
}

func (s *RemoteSet) dueAt(now int64) int64 {
	if held := s.document(now); held != nil {
		return held.refreshAt
	}
	return now
}
