package redisreplay_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/oathmesh/oathmesh-go/internal/redistest"
	"github.com/oathmesh/oathmesh-go/replay"
	"github.com/oathmesh/oathmesh-go/replay/redisreplay"
)

func inCluster(seed *redistest.Server) func(*redisreplay.Options) {
	return func(o *redisreplay.Options) {
		o.Single, o.Cluster = nil, &redis.ClusterOptions{Addrs: []string{seed.Addr}}
	}
}

func TestACluster(t *testing.T) {
	servers := redistest.StartCluster(t, 3)
	first, second := open(t, servers[0], inCluster(servers[0])), open(t, servers[1], inCluster(servers[1]))
	var fresh, seen atomic.Int64
	var all sync.WaitGroup
	for at := 0; at < 100; at++ {
		one := use("")
		for _, store := range []*redisreplay.Store{first, second} {
			all.Add(1)
			go func() {
				defer all.Done()
				switch claim(t, store, one) {
				case replay.Fresh:
					fresh.Add(1)
				case replay.Seen:
					seen.Add(1)
				}
			}()
		}
	}
	all.Wait()
	if fresh.Load() != 100 || seen.Load() != 100 {
		t.Errorf("%d fresh, %d seen", fresh.Load(), seen.Load())
	}
	one := use("")
	one.Subject = "svc://revoked"
	for _, server := range servers {
		// Only its owner takes it.
		client := server.Client()
		_ = client.HSet(context.Background(), "oathmesh:revocations", one.Subject, "2026-03-30T12:00:00Z").Err()
		client.Close()
	}
	want(t, claim(t, first, one), replay.Revoked, "a revoked subject")
}

func TestOneShardOfAClusterThatForgets(t *testing.T) {
	servers := redistest.StartCluster(t, 3)
	store := open(t, servers[0], inCluster(servers[0]))
	var uses []replay.Use
	for at := 0; at < 60; at++ {
		one := use(fmt.Sprint("of a shard ", at))
		want(t, claim(t, store, one), replay.Fresh, "the first use")
		uses = append(uses, one)
	}
	servers[1].Do("flushall")
	unknown, seen := 0, 0
	for _, one := range uses {
		switch got := claim(t, store, one); got {
		case replay.HistoryUnknown:
			unknown++
		case replay.Seen:
			seen++
		default:
			t.Errorf("a used token: outcome %d", got)
		}
	}
	if unknown == 0 || seen == 0 {
		t.Errorf("%d unknown, %d seen", unknown, seen)
	}
}

func TestALostShardRefusesItsTokens(t *testing.T) {
	servers := redistest.StartCluster(t, 3)
	store := open(t, servers[0], inCluster(servers[0]), func(o *redisreplay.Options) {
		// The list of revoked subjects may live on the lost shard.
		o.Timeout, o.IgnoreRevocations = 500*time.Millisecond, true
	})
	used := use("")
	freshEventually(t, store, &used)
	servers[1].Kill()
	fresh, refused := 0, 0
	for at := 0; at < 60; at++ {
		switch got := claim(t, store, use("")); got {
		case replay.Fresh:
			fresh++
		case replay.Unavailable:
			refused++
		default:
			t.Errorf("outcome %d", got)
		}
	}
	if fresh == 0 || refused == 0 {
		t.Errorf("%d fresh, %d refused", fresh, refused)
	}
	if got := claim(t, store, used); got == replay.Fresh {
		t.Errorf("a used token: outcome %d", got)
	}
}

func TestAMasterThatSentinelReplaces(t *testing.T) {
	master := redistest.Start(t)
	replica := redistest.StartReplica(t, master)
	sentinel := redistest.StartSentinel(t, master)
	store := open(t, sentinel, func(o *redisreplay.Options) {
		o.Single, o.Sentinel = nil, &redis.FailoverOptions{MasterName: "master", SentinelAddrs: []string{sentinel.Addr}}
		o.Timeout = 500 * time.Millisecond
	})
	one := use("")
	freshEventually(t, store, &one)
	// A sentinel learns of the replica from the master, within ten seconds.
	for deadline := time.Now().Add(30 * time.Second); fmt.Sprint(sentinel.Do("sentinel", "replicas", "master")) == "[]"; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the sentinel knows of no replica")
		}
	}
	master.Kill()
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		next := use("")
		next.IssuedAt += 100
		got := claim(t, store, next)
		if got == replay.Fresh {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("no master is found: outcome %d, %v", got, replica.Do("role"))
		}
	}
	if got := claim(t, store, one); got != replay.HistoryUnknown && got != replay.Seen {
		t.Errorf("a used token after the failover: outcome %d", got)
	}
}
