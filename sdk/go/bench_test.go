package oathmesh_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
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
// steps, with a policy of a thousand rules.
func BenchmarkVerify(b *testing.B) {
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
	rules := make([]policy.Rule, 1000)
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
	for at := range calls {
		if _, err := verifier.Verify(context.Background(), calls[at]); err != nil {
			b.Fatal(err)
		}
	}
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
