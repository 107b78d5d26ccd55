package redisreplay_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oathmesh/oathmesh-go/internal/redistest"
	"github.com/oathmesh/oathmesh-go/replay"
	"github.com/oathmesh/oathmesh-go/replay/redisreplay"
)

func impatient(o *redisreplay.Options) { o.Timeout = 100 * time.Millisecond }

func TestAKilledRedis(t *testing.T) {
	server := redistest.Start(t)
	store := open(t, server)
	verified, stranger := use(""), use("")
	want(t, claim(t, store, verified), replay.Fresh, "before the outage")
	server.Kill()
	for at := 0; at < 5; at++ {
		want(t, claim(t, store, verified), replay.KnownGood, "a token that this process verified")
		want(t, claim(t, store, stranger), replay.Unavailable, "any other token")
	}
	borrowed := verified
	borrowed.Token = "another token with the same id"
	want(t, claim(t, store, borrowed), replay.Unavailable, "the id in another token")
	elsewhere := verified
	elsewhere.Realm = "another api"
	want(t, claim(t, store, elsewhere), replay.Unavailable, "the token at another API of the process")
	if stats := store.Stats(); !stats.Away || stats.Degraded != 5 {
		t.Errorf("stats %+v", stats)
	}
	server.Restart()
	ready(t, store)
	want(t, claim(t, store, verified), replay.HistoryUnknown, "after it came back empty")
}

func TestTheWindowIsNotRenewedByUse(t *testing.T) {
	server := redistest.Start(t)
	store := open(t, server, func(o *redisreplay.Options) { o.KnownGoodWindow = 2 * time.Second })
	one := use("")
	want(t, claim(t, store, one), replay.Fresh, "before the outage")
	server.Kill()
	began, good := time.Now(), 0
	for claim(t, store, one) == replay.KnownGood {
		good++
		if time.Since(began) > 20*time.Second {
			t.Fatal("the window does not end")
		}
		time.Sleep(20 * time.Millisecond)
	}
	if good == 0 {
		t.Error("no window at all")
	}
}

func TestWithoutAKnownGoodWindow(t *testing.T) {
	server := redistest.Start(t)
	store := open(t, server, func(o *redisreplay.Options) { o.KnownGoodWindow = redisreplay.NoKnownGood })
	one := use("")
	want(t, claim(t, store, one), replay.Fresh, "before the outage")
	server.Kill()
	want(t, claim(t, store, one), replay.Unavailable, "a token that this process verified")
}

func TestARevokedSubjectStaysRevokedWhileRedisIsAway(t *testing.T) {
	server := redistest.Start(t)
	store := open(t, server)
	one := use("")
	want(t, claim(t, store, one), replay.Fresh, "before the revocation")
	server.Do("hset", "oathmesh:revocations", one.Subject, "2026-03-30T12:00:00Z")
	want(t, claim(t, store, use("")), replay.Revoked, "another token of the subject")
	server.Kill()
	want(t, claim(t, store, one), replay.Revoked, "the verified token")
}

func TestNoRepeatPassesAPauseOfAHealthyRedis(t *testing.T) {
	for _, pause := range []int{50, 130, 400, 900} {
		t.Run(fmt.Sprintf("%d ms", pause), func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			store := open(t, server, impatient)
			one := use("")
			freshEventually(t, store, &one)
			server.Do("client", "pause", pause, "all")
			var passed, refused atomic.Int64
			var all sync.WaitGroup
			for at := 0; at < 30; at++ {
				all.Add(1)
				go func() {
					defer all.Done()
					if outcome := claim(t, store, one); outcome == replay.Fresh || outcome == replay.KnownGood {
						passed.Add(1)
					} else {
						refused.Add(1)
					}
				}()
			}
			all.Wait()
			if passed.Load() != 0 || refused.Load() != 30 {
				t.Errorf("%d of 30 repeats passed", passed.Load())
			}
			ready(t, store)
			next := use("")
			freshEventually(t, store, &next)
		})
	}
}

// freshEventually allows for a machine that is too busy for a claim to be answered in time.
func freshEventually(t testing.TB, store *redisreplay.Store, one *replay.Use) {
	t.Helper()
	for attempt := 0; attempt < 50; attempt++ {
		if claim(t, store, *one) == replay.Fresh {
			return
		}
		*one = use("")
	}
	t.Fatal("no claim is answered")
}

func TestASilentRedisIsAwayAndItsLateAnswersCount(t *testing.T) {
	server := redistest.Start(t)
	store := open(t, server, impatient)
	one, other := use(""), use("")
	freshEventually(t, store, &one)
	freshEventually(t, store, &other)
	server.Stop()
	asked := time.Now()
	want(t, claim(t, store, one), replay.Unavailable, "in the first moment of silence")
	for claim(t, store, other) != replay.KnownGood {
		if time.Since(asked) > 20*time.Second {
			t.Fatal("silence is never taken for an outage")
		}
		time.Sleep(20 * time.Millisecond)
	}
	if silent := time.Since(asked); silent < time.Second {
		t.Errorf("taken for away after %s of silence", silent)
	}
	server.Continue()
	ready(t, store)
	want(t, claim(t, store, one), replay.Seen, "a repeat, once Redis answers")
}

func TestALateAnswerStrikesTheTokenFromTheWindow(t *testing.T) {
	server := redistest.Start(t)
	store := open(t, server, impatient)
	one := use("")
	freshEventually(t, store, &one)
	server.Do("client", "pause", 300, "all")
	want(t, claim(t, store, one), replay.Unavailable, "during the pause")
	// The answer, that it has been seen, arrives when the pause is over.
	ready(t, store)
	server.Do("ping")
	time.Sleep(200 * time.Millisecond)
	server.Kill()
	want(t, claim(t, store, one), replay.Unavailable, "while Redis is away")
}

func TestAFaultyRedisIsNotAway(t *testing.T) {
	for name, spoil := range map[string]func(*redistest.Server){
		"-OOM": func(s *redistest.Server) { s.Do("config", "set", "maxmemory", "1") },
		"revocations of another type": func(s *redistest.Server) {
			s.Do("set", "oathmesh:revocations", "x")
		},
		"an epoch that is none": func(s *redistest.Server) { s.Do("set", "oathmesh:replay:epoch", "x") },
		"-NOREPLICAS":           func(s *redistest.Server) { s.Do("config", "set", "min-replicas-to-write", "1") },
		"-READONLY":             func(s *redistest.Server) { s.Do("replicaof", "127.0.0.1", "1") },
	} {
		t.Run(name, func(t *testing.T) {
			server := redistest.Start(t)
			store := open(t, server)
			one := use("")
			want(t, claim(t, store, one), replay.Fresh, "before")
			spoil(server)
			for at := 0; at < 5; at++ {
				got := claim(t, store, use(""))
				if name == "-NOREPLICAS" && got == replay.Fresh {
					t.Skip("this Redis lets scripts write without replicas")
				}
				want(t, got, replay.Unavailable, "a new token")
				if got := claim(t, store, one); got != replay.Unavailable && got != replay.Seen {
					t.Fatalf("a repeat: outcome %d", got)
				}
			}
			if store.Stats().Away {
				t.Error("taken for away")
			}
		})
	}
}

func TestARedisThatIsNotThereAtTheStart(t *testing.T) {
	server := redistest.Start(t)
	server.Kill()
	store, err := redisreplay.Open(redisreplay.Options{Single: server.Client().Options()})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	want(t, claim(t, store, use("")), replay.Unavailable, "before it is there")
	server.Restart()
	ready(t, store)
	want(t, claim(t, store, use("")), replay.Fresh, "once it is there")
}

func TestACallThatEndsSaysSo(t *testing.T) {
	server := redistest.Start(t)
	store := open(t, server)
	server.Stop()
	defer server.Continue()
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := store.Claim(ctx, use(""), float64(time.Now().Unix())); err != context.DeadlineExceeded {
		t.Errorf("error %v", err)
	}
}
