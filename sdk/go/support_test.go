package oathmesh

import (
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const secret = "deploy-bot~s3cr3t-that-must-not-leak-0123456789"

// testKey is a private key that is published: RFC 8032, 7.1, TEST 1.
func testKey(t testing.TB) *SigningKey {
	t.Helper()
	seed := []byte{0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
		0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60}
	key, err := NewSigningKey(ed25519.NewKeyFromSeed(seed), "")
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func serve(t testing.TB, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// issuerServer is an issuer that mints with the test key and remembers what it was asked.
type issuerServer struct {
	*httptest.Server
	mu    sync.Mutex
	asked []map[string]any
}

func newIssuerServer(t testing.TB) *issuerServer {
	t.Helper()
	key := testKey(t)
	i := &issuerServer{}
	i.Server = serve(t, func(w http.ResponseWriter, r *http.Request) {
		var body map[string]any
		if r.URL.Path != "/v1/token" || r.Header.Get("Authorization") != "Bearer "+secret ||
			json.NewDecoder(r.Body).Decode(&body) != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		i.mu.Lock()
		i.asked = append(i.asked, body)
		i.mu.Unlock()
		id, _ := newID()
		token, _ := key.sign(map[string]any{"jti": id, "rqh": body["rqh"]})
		answerJSON(w, http.StatusOK, map[string]any{"token": token, "expires_in": 120})
	})
	return i
}

func (i *issuerServer) count() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.asked)
}

func answerJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// gateway answers each call as it is told, and remembers the tokens and bodies it was sent.
type gateway struct {
	*httptest.Server
	mu     sync.Mutex
	tokens []string
	bodies []string
	// By number of the call; the last one answers all that follow.
	answers []http.HandlerFunc
}

func newGateway(t testing.TB, answers ...http.HandlerFunc) *gateway {
	t.Helper()
	g := &gateway{answers: answers}
	g.Server = serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		g.mu.Lock()
		at := min(len(g.tokens), len(g.answers)-1)
		g.tokens = append(g.tokens, strings.TrimPrefix(r.Header.Get("Authorization"), "OathMesh "))
		g.bodies = append(g.bodies, string(body))
		g.mu.Unlock()
		g.answers[at](w, r)
	})
	return g
}

// distinct fails unless so many calls came, each with a token of its own.
func (g *gateway) distinct(t *testing.T, calls int) {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	seen := map[string]bool{}
	for _, token := range g.tokens {
		if !isCompact(token) {
			t.Errorf("%q is no token", token)
		}
		seen[token] = true
	}
	if len(g.tokens) != calls || len(seen) != calls {
		t.Errorf("%d calls with %d tokens, want %d", len(g.tokens), len(seen), calls)
	}
}

func ok(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "fine") }

func refuse(status int, code string, step int, retryAfter string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		answerJSON(w, status, map[string]any{"error": code, "message": "m", "fix": "f", "step": step})
	}
}

func newClient(t testing.TB, change ...func(*Options)) *Client {
	t.Helper()
	options := Options{
		Issuer: "https://issuer.example.test", Key: testKey(t), Subject: "svc://shop/cart",
		Audience: "https://inventory.internal", Action: "inventory.read",
	}
	for _, one := range change {
		one(&options)
	}
	client, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func atIssuer(url string) func(*Options) {
	return func(o *Options) {
		o.Issuer, o.Key, o.Credential, o.Subject = url, nil, StaticCredential(secret), ""
		o.Timeout = 2 * time.Second
	}
}
