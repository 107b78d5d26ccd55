package redisreplay_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/oathmesh/oathmesh-go/internal/redistest"
	"github.com/oathmesh/oathmesh-go/replay"
	"github.com/oathmesh/oathmesh-go/replay/redisreplay"
)

const leeway = 30

var ids atomic.Int64

// use is one of a token minted now that lives two minutes. History begins with the next second, so its issuer
// is two seconds ahead.
func use(id string) replay.Use {
	if id == "" {
		id = fmt.Sprintf("id-%d-%d", os.Getpid(), ids.Add(1))
	}
	issued := time.Now().Unix() + 2
	return replay.Use{
		Issuer: "https://issuer.example.test", TokenID: id, Subject: "svc://caller", IssuedAt: issued,
		AcceptableUntil: issued + 120 + leeway, Leeway: leeway, Token: "token of " + id, Realm: "api",
	}
}

func open(t testing.TB, server *redistest.Server, change ...func(*redisreplay.Options)) *redisreplay.Store {
	t.Helper()
	options := redisreplay.Options{
		Single: &redis.Options{Addr: server.Addr}, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
		// Two cores shared by many tests: a slow answer is not what these tests are about.
		Timeout: 2 * time.Second,
	}
	for _, one := range change {
		one(&options)
	}
	store, err := redisreplay.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	ready(t, store)
	return store
}

func ready(t testing.TB, store *redisreplay.Store) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := store.Ready(ctx); err != nil {
		t.Fatal(err)
	}
}

func claim(t testing.TB, store replay.Store, one replay.Use) replay.Outcome {
	t.Helper()
	outcome, err := store.Claim(context.Background(), one, float64(time.Now().UnixMilli())/1000)
	if err != nil {
		t.Fatal(err)
	}
	return outcome
}

func want(t testing.TB, got, wanted replay.Outcome, when string) {
	t.Helper()
	if got != wanted {
		t.Fatalf("%s: got outcome %d, want %d", when, got, wanted)
	}
}

func TestATokenIsFreshOnce(t *testing.T) {
	store := open(t, redistest.Start(t))
	one := use("")
	want(t, claim(t, store, one), replay.Fresh, "the first use")
	want(t, claim(t, store, one), replay.Seen, "the second use")
	other := one
	other.Issuer, other.Token = "https://other.example.test", "another token"
	want(t, claim(t, store, other), replay.Fresh, "the id of another issuer")
}

func TestRecordsAreThoseOfTheGateways(t *testing.T) {
	server := redistest.Start(t)
	store := open(t, server)
	one := use("550e8400-e29b-41d4-a716-446655440000")
	want(t, claim(t, store, one), replay.Fresh, "the first use")
	// base64url(SHA-256("https://issuer.example.test" 00 "550e8400-…"))
	key := "oathmesh:replay:JU6EPiHf0XCqho5NDMJkyJSTvWm4ohg_Tcc_eNyRxOw"
	ms, _ := server.Do("pttl", key).(int64)
	// exp + 2L - now, rounded up.
	if most := (one.AcceptableUntil + leeway - time.Now().Unix() + 1) * 1000; ms > most || ms < most-5000 {
		t.Errorf("the record lives %d ms, want about %d; keys: %v", ms, most, server.Do("keys", "*"))
	}
	mark, _ := server.Do("get", "oathmesh:replay:epoch").(string)
	if !strings.Contains(server.Do("info", "server").(string), "run_id:"+strings.Fields(mark)[1]) {
		t.Errorf("the epoch %q does not name the server", mark)
	}
}

func TestTheScriptIsByteForByteTheGateways(t *testing.T) {
	server := redistest.Start(t)
	store := open(t, server)
	want(t, claim(t, store, use("")), replay.Fresh, "a use")
	source, err := os.ReadFile("../../../../lib/replay/claim-script.ts")
	if err != nil {
		t.Fatal(err)
	}
	_, script, found := strings.Cut(string(source), "CLAIM_SCRIPT = `")
	script, _, ends := strings.Cut(script, "`")
	if !found || !ends {
		t.Fatal("the script is not found in claim-script.ts")
	}
	server.Do("script", "load", script)
	if memory := server.Do("info", "memory").(string); !strings.Contains(memory, "number_of_cached_scripts:1\r") {
		t.Error("Redis keeps two scripts: the gateways' is another")
	}
}

func TestOfManyAtOnceOneIsFresh(t *testing.T) {
	server := redistest.Start(t)
	stores := []*redisreplay.Store{open(t, server), open(t, server)}
	for round := 0; round < 20; round++ {
		one := use("")
		var fresh, seen atomic.Int64
		var all sync.WaitGroup
		for at := 0; at < 50; at++ {
			all.Add(1)
			go func() {
				defer all.Done()
				switch claim(t, stores[at%2], one) {
				case replay.Fresh:
					fresh.Add(1)
				case replay.Seen:
					seen.Add(1)
				}
			}()
		}
		all.Wait()
		if fresh.Load() != 1 || seen.Load() != 49 {
			t.Fatalf("round %d: %d fresh, %d seen", round, fresh.Load(), seen.Load())
		}
	}
}

// Run as a process of its own by TestTwoProcessesShareOneRedis.
func TestMain(m *testing.M) {
	if address := os.Getenv("OATHMESH_TEST_CLAIMS_AT"); address != "" {
		os.Exit(claimAll(address))
	}
	os.Exit(m.Run())
}

func claimAll(address string) int {
	store, err := redisreplay.Open(redisreplay.Options{Single: &redis.Options{Addr: address}, Timeout: 2 * time.Second})
	if err != nil {
		return 1
	}
	defer store.Close()
	issued, _ := strconv.ParseInt(os.Getenv("OATHMESH_TEST_ISSUED"), 10, 64)
	fresh := 0
	for at := 0; at < 500; at++ {
		one := use("shared-" + strconv.Itoa(at))
		one.IssuedAt = issued
		outcome, err := store.Claim(context.Background(), one, float64(time.Now().Unix()))
		if err == nil && outcome == replay.Fresh {
			fresh++
		}
	}
	fmt.Println(fresh)
	return 0
}

func TestTwoProcessesShareOneRedis(t *testing.T) {
	server := redistest.Start(t)
	open(t, server)
	issued := time.Now().Unix() + 5
	var outputs [2][]byte
	var all sync.WaitGroup
	for at := range outputs {
		all.Add(1)
		go func() {
			defer all.Done()
			command := exec.Command(os.Args[0])
			command.Env = append(os.Environ(), "OATHMESH_TEST_CLAIMS_AT="+server.Addr, fmt.Sprintf("OATHMESH_TEST_ISSUED=%d", issued))
			outputs[at], _ = command.Output()
		}()
	}
	all.Wait()
	first, _ := strconv.Atoi(strings.TrimSpace(string(outputs[0])))
	second, _ := strconv.Atoi(strings.TrimSpace(string(outputs[1])))
	if first+second != 500 {
		t.Errorf("%d and %d of 500 are fresh", first, second)
	}
}

func TestARevokedSubjectDoesNotSpendItsID(t *testing.T) {
	server := redistest.Start(t)
	store := open(t, server)
	one := use("")
	server.Do("hset", "oathmesh:revocations", one.Subject, "2026-03-30T12:00:00Z")
	want(t, claim(t, store, one), replay.Revoked, "a revoked subject")
	server.Do("hdel", "oathmesh:revocations", one.Subject)
	want(t, claim(t, store, one), replay.Fresh, "the same token, no longer revoked")
	deaf := open(t, server, func(o *redisreplay.Options) { o.IgnoreRevocations = true })
	server.Do("hset", "oathmesh:revocations", one.Subject, "2026-03-30T12:00:00Z")
	want(t, claim(t, deaf, use("")), replay.Fresh, "where revocation is ignored")
	want(t, claim(t, store, one), replay.Revoked, "a revoked subject's replay")
}

func TestKeyFormatJTI(t *testing.T) {
	server := redistest.Start(t)
	store := open(t, server, func(o *redisreplay.Options) { o.KeyFormat = redisreplay.JTI })
	want(t, claim(t, store, use("plain-id")), replay.Fresh, "a use")
	if server.Do("get", "oathmesh:replay:plain-id") != "1" {
		t.Errorf("keys: %v", server.Do("keys", "*"))
	}
	before := server.Do("get", "oathmesh:replay:epoch")
	want(t, claim(t, store, use("epoch")), replay.Fresh, "an id that is the epoch's name")
	if server.Do("get", "oathmesh:replay:epoch") != before {
		t.Error("a token has written over the epoch")
	}
}

func TestWhatRedisForgotIsRefused(t *testing.T) {
	for name, forget := range map[string]func(*redistest.Server){
		"FLUSHALL": func(s *redistest.Server) { s.Do("flushall") },
		"a restart without persistence": func(s *redistest.Server) {
			s.Kill()
			s.Restart()
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := redistest.Start(t)
			store, other := open(t, server), open(t, server)
			one := use("")
			want(t, claim(t, store, one), replay.Fresh, "the first use")
			forget(server)
			// A token as old as any that can have been used before.
			untilReachable(t, store)
			want(t, claim(t, store, one), replay.HistoryUnknown, "at the process that saw it")
			old := one
			old.IssuedAt = time.Now().Unix() - 1
			old.TokenID = "minted earlier"
			want(t, claim(t, other, old), replay.HistoryUnknown, "at another process")
			later := use("")
			later.IssuedAt = time.Now().Unix() + 10
			want(t, claim(t, other, later), replay.Fresh, "a token minted later")
		})
	}
}

// untilReachable claims tokens of its own until Redis has answered one.
func untilReachable(t testing.TB, store *redisreplay.Store) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if claim(t, store, use("")) != replay.Unavailable {
			return
		}
	}
	t.Fatal("Redis is not found again")
}

func TestOptionsThatCannotWork(t *testing.T) {
	single := &redis.Options{Addr: "127.0.0.1:1"}
	for name, options := range map[string]redisreplay.Options{
		"give one of":      {},
		"KeyFormat":        {Single: single, KeyFormat: "other"},
		"Timeout":          {Single: single, Timeout: time.Hour},
		"KnownGoodWindow":  {Single: single, KnownGoodWindow: time.Hour},
		"Hashed in a Clus": {Cluster: &redis.ClusterOptions{Addrs: []string{"127.0.0.1:1"}}, KeyFormat: redisreplay.JTI},
	} {
		if _, err := redisreplay.Open(options); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
