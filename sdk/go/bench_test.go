package oathmesh_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	oathmesh "github.com/oathmesh/oathmesh-go"
	"github.com/oathmesh/oathmesh-go/internal/redistest"
	"github.com/oathmesh/oathmesh-go/policy"
	"github.com/oathmesh/oathmesh-go/replay"
	"github.com/oathmesh/oathmesh-go/replay/redisreplay"
	"github.com/oathmesh/oathmesh-go/verify"
)

// BenchmarkVerify is what a service pays for one verification, of a token that nobody has seen: all fourteen
// steps, with a policy of ten rules. Beside it, what one signature costs, of which no verification is spared.
func BenchmarkVerify(b *testing.B) {
	b.Run("signature", func(b *testing.B) {
		public, private, _ := ed25519.GenerateKey(nil)
		message := bytes.Repeat([]byte("x"), 400)
		signature := ed25519.Sign(private, message)
		b.ResetTimer()
		reportMedian(b, func(int) bool { return ed25519.Verify(public, message, signature) })
	})
	b.Run("memory", func(b *testing.B) { benchmark(b, replay.NewMemorySince(10_000_000, time.Now().Add(-time.Minute))) })
	b.Run("redis", func(b *testing.B) {
		store, err := redisreplay.Open(redisreplay.Options{Single: &redis.Options{Addr: redistest.Start(b).Addr}, Timeout: 2 * time.Second, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
		if err != nil {
			b.Fatal(err)
		}
		defer store.Close()
		if err := store.Ready(context.Background()); err != nil {
			b.Fatal(err)
		}
		benchmark(b, store)
	})
}

func benchmark(b *testing.B, store replay.Store) {
	rules := make([]policy.Rule, 9)
	for at := range rules {
		rules[at] = policy.Rule{Name: string(rune('0'+at%10)) + time.Duration(at).String(), Allow: true, Match: policy.Match{Subject: "svc://caller/" + time.Duration(at).String()}}
	}
	rules = append(rules, policy.Rule{Name: "carts", Allow: true, Match: policy.Match{Subject: "svc://shop/*", Action: "inventory.*"}})
	compiled, err := policy.Rules(rules)
	if err != nil {
		b.Fatal(err)
	}
	verifier, err := verify.New(verify.Config{
		Audience: "https://inventory.internal", Policy: compiled, Replay: store, Deadline: 10 * time.Second,
		Issuers: []verify.Issuer{{Issuer: "https://issuer.example.com",
			JWKS: `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"example","x":"` + exampleKey.PublicJWK().X + `"}]}`}},
	})
	if err != nil {
		b.Fatal(err)
	}
	calls := make([]verify.Call, b.N)
	for at := range calls {
		calls[at] = verify.Call{Authorization: []string{freshToken(b)}, Line: oathmesh.RequestLine{Method: "GET", RawPath: "/v1/items"}}
	}
	b.ReportAllocs()
	b.ResetTimer()
	reportMedian(b, func(at int) bool {
		_, err := verifier.Verify(context.Background(), calls[at])
		return err == nil
	})
}

// reportMedian runs b.N times and reports what one run takes, which what else runs on the machine hardly moves.
func reportMedian(b *testing.B, run func(at int) bool) {
	spent := make([]time.Duration, b.N)
	for at := range spent {
		begun := time.Now()
		if !run(at) {
			b.Fatal("refused")
		}
		spent[at] = time.Since(begun)
	}
	slices.Sort(spent)
	b.ReportMetric(float64(spent[len(spent)/2].Nanoseconds()), "p50-ns")
}

func freshToken(b *testing.B) string {
	client, err := oathmesh.New(oathmesh.Options{
		Issuer: "https://issuer.example.com", Key: exampleKey, Subject: "svc://shop/cart",
		Audience: "https://inventory.internal", Action: "inventory.read",
		// A Redis that has just begun its history takes tokens of the next second.
		Now: func() time.Time { return time.Now().Add(5 * time.Second) },
	})
	if err != nil {
		b.Fatal(err)
	}
	request, _ := http.NewRequest("GET", "http://127.0.0.1/", nil)
	authorization, err := client.Authorization(request)
	if err != nil {
		b.Fatal(err)
	}
	return authorization
}
