package redisreplay

import (
	"context"
	"errors"
	"io"
	"math/rand"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// One probe waits so long; three of them, at distinct moments, make out a second of silence.
	probeTimeout = 350 * time.Millisecond
	silence      = time.Second
	silentProbes = 3

	firstRetry = 50 * time.Millisecond
	// While an outage is young, Redis is found again within two seconds of its return.
	longestRetry = 2 * time.Second
	youngOutage  = time.Minute
	oldestRetry  = 30 * time.Second
)

// state of a Redis as this process knows it.
type state int32

const (
	// up: claims are sent.
	up state = iota
	// suspected: a claim has failed, and it is being found out why. Claims are sent and, failing, refused.
	suspected
	// faulty: it answers, but not so that it could be used. Claims are sent and, failing, refused.
	faulty
	// away: its connection is lost and there is no other, or it has been silent for a second. Nothing is sent.
	away
)

// verdict of one probe.
type verdict int

const (
	answered verdict = iota
	refusedService
	lost
	silent
)

// watch finds out whether Redis is away. Failed claims only make it look: it judges by probes of its own, so
// that neither the number of calls nor their tokens can bring that state about.
type watch struct {
	// probe connects, and makes what it has connected to the one in use.
	probe  func(ctx context.Context) error
	report func(now state, cause error)

	state atomic.Int32
	// Counts answers of any kind to any command.
	heard atomic.Int64

	mu sync.Mutex
	// Closed when the suspicion has ended, in whatever way; nil while there is none.
	decided chan struct{}
	stopped chan struct{}
	stop    sync.Once
}

func newWatch(probe func(context.Context) error, report func(state, error)) *watch {
	return &watch{probe: probe, report: report, stopped: make(chan struct{})}
}

func (w *watch) now() state { return state(w.state.Load()) }

// answer takes note that Redis has answered.
func (w *watch) answer() { w.heard.Add(1) }

// suspect begins to look, unless that is going on; what it gives is closed once the first suspicion is
// settled.
func (w *watch) suspect() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.decided == nil {
		w.decided = make(chan struct{})
		w.state.Store(int32(suspected))
		go w.look(w.decided)
	}
	return w.decided
}

func (w *watch) close() { w.stop.Do(func() { close(w.stopped) }) }

// look probes until Redis can be used.
func (w *watch) look(decided chan struct{}) {
	began, heard := time.Now(), w.heard.Load()
	silences, settled := 0, false
	settle := func() {
		if !settled {
			settled = true
			close(decided)
		}
	}
	defer settle()
	for attempt := 0; ; attempt++ {
		found, err := w.ask()
		// An answer to anybody's command meanwhile: it is not away, whatever the probe says.
		if found != answered && found != refusedService && w.heard.Load() != heard {
			heard, silences, began = w.heard.Load(), 0, time.Now()
			found = answered
			if w.now() != suspected {
				found = refusedService
			}
		}
		switch found {
		case answered:
			w.enter(up, err)
			return
		case refusedService:
			w.enter(faulty, err)
			settle()
		case lost:
			w.enter(away, err)
			settle()
		case silent:
			if silences++; silences >= silentProbes && time.Since(began) >= silence {
				w.enter(away, err)
				settle()
			}
		}
		if !w.rest(pause(attempt, time.Since(began), w.now())) {
			return
		}
	}
}

func (w *watch) ask() (verdict, error) {
	ctx, cancel := context.WithTimeout(context.Background(), probeTimeout)
	defer cancel()
	err := w.probe(ctx)
	return judge(err), err
}

func (w *watch) enter(next state, cause error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if next == up {
		w.decided = nil
	}
	if former := state(w.state.Swap(int32(next))); former != next {
		w.report(next, cause)
	}
}

// rest is false when it is all over.
func (w *watch) rest(pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-w.stopped:
		return false
	}
}

// pause before the next probe: none while it is being found out whether Redis is silent; then doubling and
// capped, half of it by chance.
func pause(attempt int, since time.Duration, now state) time.Duration {
	if now == suspected {
		return time.Millisecond
	}
	most := longestRetry
	if since > youngOutage {
		most = oldestRetry
	}
	most = min(most, firstRetry<<min(attempt, 10))
	return most/2 + time.Duration(rand.Int63n(int64(most/2)+1))
}

// judge says what an error of a command or a connection means.
func judge(err error) verdict {
	var network net.Error
	switch {
	case err == nil:
		return answered
	case errors.Is(err, errUnusable):
		return refusedService
	case strings.Contains(err.Error(), "all sentinels specified in configuration are unreachable"):
		// go-redis has no type for it.
		return lost
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, redis.ErrPoolTimeout):
		return silent
	case isReply(err):
		return refusedService
	case errors.As(err, &network) && network.Timeout():
		return silent
	case errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed), errors.Is(err, redis.ErrClosed):
		return lost
	default:
		// A certificate that is not trusted, say: there is a server.
		return refusedService
	}
}

// isReply: Redis itself has said so.
func isReply(err error) bool {
	var reply redis.Error
	return errors.As(err, &reply)
}
