package verify_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	oathmesh "github.com/oathmesh/oathmesh-go"
	"github.com/oathmesh/oathmesh-go/internal/vectors"
	"github.com/oathmesh/oathmesh-go/policy"
	"github.com/oathmesh/oathmesh-go/replay"
	"github.com/oathmesh/oathmesh-go/verify"
)

const (
	apiAudience = "https://inventory.internal"
	apiIssuer   = "https://issuer.example.test"
)

func newVerifier(t testing.TB, change ...func(*verify.Config)) *verify.Verifier {
	t.Helper()
	config := verify.Config{
		Audience: apiAudience, Policy: policy.AllowAll,
		Issuers: []verify.Issuer{{Issuer: apiIssuer, JWKS: vectors.Keys["trusted"].JWKS()}},
		Replay:  replay.NewMemorySince(1000, time.Now().Add(-time.Hour)),
		Logger:  slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	for _, one := range change {
		one(&config)
	}
	verifier, err := verify.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return verifier
}

func newCaller(t testing.TB, change ...func(*oathmesh.Options)) *oathmesh.Client {
	t.Helper()
	key, err := oathmesh.NewSigningKey(vectors.Keys["trusted"].Private(), vectors.Keys["trusted"].Kid)
	if err != nil {
		t.Fatal(err)
	}
	options := oathmesh.Options{
		Issuer: apiIssuer, Key: key, Subject: "svc://shop/cart", Audience: apiAudience, Action: "inventory.read",
	}
	for _, one := range change {
		one(&options)
	}
	client, err := oathmesh.New(options)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func token(t testing.TB, change ...func(*oathmesh.Options)) string {
	t.Helper()
	request, _ := http.NewRequest("GET", "http://127.0.0.1/", nil)
	authorization, err := newCaller(t, change...).Authorization(request)
	if err != nil {
		t.Fatal(err)
	}
	return authorization
}

// echo answers with what the service behind the verifier sees.
func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	caller, _ := verify.FromContext(r.Context())
	_ = json.NewEncoder(w).Encode(map[string]any{
		"header": r.Header, "trailer": r.Trailer, "body": string(body), "error": fmt.Sprint(err), "subject": caller.Claims.Subject,
	})
}

func serve(t testing.TB, verifier *verify.Verifier, next http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(verifier.Handler(next))
	t.Cleanup(server.Close)
	return server
}

// send writes a request as it stands, so that headers can be what no client sends.
func send(t testing.TB, server *httptest.Server, request string) (*http.Response, map[string]any) {
	t.Helper()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, strings.ReplaceAll(request, "\n", "\r\n"))
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(response.Body)
	var body map[string]any
	if err := json.Unmarshal(text, &body); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return response, body
}

func TestTheServiceSeesTheCallerAndNothingThatIsFaked(t *testing.T) {
	server := serve(t, newVerifier(t), echo)
	response, body := send(t, server, "GET / HTTP/1.1\nHost: x\nAuthorization: "+token(t)+
		"\nX-OathMesh-Subject: admin\nX_OathMesh_Subject: admin\nx-oathmesh_anything: 1\nX-Other: kept\nConnection: close\n\n")
	header := body["header"].(map[string]any)
	if response.StatusCode != 200 || body["subject"] != "svc://shop/cart" {
		t.Fatal(response.Status, body)
	}
	id := header["X-Oathmesh-Token-Id"]
	delete(header, "X-Oathmesh-Token-Id")
	got, _ := json.Marshal(header)
	want := `{"Connection":["close"],"X-Oathmesh-Action":["inventory.read"],"X-Oathmesh-Decision":["allow"],` +
		`"X-Oathmesh-Issuer":["https://issuer.example.test"],"X-Oathmesh-Subject":["svc://shop/cart"],"X-Other":["kept"]}`
	if string(got) != want || len(fmt.Sprint(id)) != 38 {
		t.Errorf("%v %s", id, got)
	}
}

func TestClaimsInHeadersCannotEndThem(t *testing.T) {
	all := []verify.IdentityHeader{verify.HeaderEnv, verify.HeaderTenant, verify.HeaderScope, verify.HeaderSource, verify.HeaderReason, verify.HeaderDelegatedBy}
	server := serve(t, newVerifier(t, func(c *verify.Config) { c.IdentityHeaders = all }), echo)
	authorization := token(t, func(o *oathmesh.Options) {
		o.Env, o.Tenant, o.Reason = "a\r\nX-Evil: 1", "é 100%", "plain"
		o.Scope = []string{"a b", "c"}
		o.Source = &oathmesh.Source{Type: "ci", Repo: "a:b"}
	})
	_, body := send(t, server, "GET / HTTP/1.1\nHost: x\nAuthorization: "+authorization+"\nConnection: close\n\n")
	header := body["header"].(map[string]any)
	for name, want := range map[string]string{
		"X-Oathmesh-Env": "[a%0D%0AX-Evil:%201]", "X-Oathmesh-Tenant": "[%C3%A9%20100%25]", "X-Oathmesh-Reason": "[plain]",
		"X-Oathmesh-Scope": "[a%20b c]", "X-Oathmesh-Source": "[ci:a%3Ab]", "X-Evil": "<nil>", "X-Oathmesh-Delegated-By": "<nil>",
	} {
		if got := fmt.Sprint(header[name]); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestTrailersCannotFakeEither(t *testing.T) {
	server := serve(t, newVerifier(t), echo)
	_, body := send(t, server, "POST / HTTP/1.1\nHost: x\nAuthorization: "+token(t)+
		"\nTrailer: X-OathMesh-Subject, X-Sum\nTransfer-Encoding: chunked\nConnection: close\n\n4\nbody\n0\nX-OathMesh-Subject: admin\nX-Sum: 1\n\n")
	if got := fmt.Sprint(body["trailer"], body["body"]); got != "map[X-Sum:[1]]body" {
		t.Error(got)
	}
}

func TestRefusals(t *testing.T) {
	used := token(t)
	server := serve(t, newVerifier(t), echo)
	send(t, server, "GET / HTTP/1.1\nHost: x\nAuthorization: "+used+"\nConnection: close\n\n")
	for name, one := range map[string]struct {
		headers string
		status  int
		code    string
		step    any
	}{
		"no token":                 {"", 401, "claim_missing:token", nil},
		"two tokens":               {"Authorization: OathMesh a.b.c\nAuthorization: " + used + "\n", 401, "claim_missing:token", nil},
		"another scheme":           {"Authorization: Bearer " + used[9:] + "\n", 401, "claim_missing:token", nil},
		"a used token":             {"Authorization: " + used + "\n", 401, "replay_detected", 13.0},
		"garbage":                  {"Authorization: OathMesh a.b.c\n", 401, "token_malformed", 2.0},
		"Connection as scissors":   {"Authorization: " + used + "\nConnection: x-oathmesh-subject\n", 400, "verification_failed", nil},
		"scissors, other spelling": {"Authorization: " + used + "\nConnection: keep-alive , X_OathMesh_Decision\n", 400, "verification_failed", nil},
		"scissors, the token":      {"Authorization: " + used + "\nConnection: Authorization\n", 400, "verification_failed", nil},
	} {
		t.Run(name, func(t *testing.T) {
			response, body := send(t, server, "GET / HTTP/1.1\nHost: x\n"+one.headers+"Connection: close\n\n")
			if response.StatusCode != one.status || body["error"] != one.code || body["step"] != one.step {
				t.Errorf("%s %v", response.Status, body)
			}
			if body["message"] == "" || body["fix"] == "" || len(fmt.Sprint(body["request_id"])) != 36 {
				t.Errorf("%v", body)
			}
			if strings.Contains(fmt.Sprint(body, response.Header), used[9:40]) {
				t.Error("the answer holds the token")
			}
			challenge := response.Header.Get("WWW-Authenticate")
			if (one.status == 401) != strings.HasPrefix(challenge, `OathMesh realm="oathmesh"`) {
				t.Errorf("challenge %q", challenge)
			}
			if one.status == 401 && (body["audience"] != apiAudience || body["issuer"] != apiIssuer || body["binding"] != "off") {
				t.Errorf("%v", body)
			}
		})
	}
	minimal := serve(t, newVerifier(t, func(c *verify.Config) { c.MinimalChallenge = true }), echo)
	response, body := send(t, minimal, "GET / HTTP/1.1\nHost: x\nX-Request-Id: abc-1\nConnection: close\n\n")
	if response.Header.Get("WWW-Authenticate") != `OathMesh realm="oathmesh"` || body["audience"] != nil || body["request_id"] != "abc-1" {
		t.Errorf("%v %v", response.Header, body)
	}
}

func TestBoundRequests(t *testing.T) {
	for _, mode := range []oathmesh.BindingMode{oathmesh.BindingBody, oathmesh.BindingMethodPathBody, oathmesh.BindingStrict} {
		server := serve(t, newVerifier(t, func(c *verify.Config) {
			c.Binding = verify.Binding{Mode: mode, Required: verify.RequiredAll, MaxBodyBytes: 1000}
		}), echo)
		client := newCaller(t, func(o *oathmesh.Options) { o.Binding = mode }).HTTPClient()
		for _, body := range []io.Reader{nil, strings.NewReader("body"), io.MultiReader(strings.NewReader("body"))} {
			request, _ := http.NewRequest("POST", server.URL+"/a%2Fb/?q=%20", body)
			response, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			text, _ := io.ReadAll(response.Body)
			if response.StatusCode != 200 || body != nil && !bytes.Contains(text, []byte(`"body":"body"`)) {
				t.Errorf("%s: %s %s", mode, response.Status, text)
			}
		}
		for _, size := range []int{1001, 100_000} {
			long := strings.NewReader(strings.Repeat("x", size))
			response, err := client.Post(server.URL, "text/plain", io.MultiReader(long))
			if err != nil || response.StatusCode != 413 {
				t.Errorf("%s: %v %v", mode, response, err)
			}
		}
	}
}

func TestABodyMakesARequestUnsafe(t *testing.T) {
	server := serve(t, newVerifier(t, func(c *verify.Config) {
		c.Binding = verify.Binding{Mode: oathmesh.BindingStrict, Required: verify.RequiredUnsafe}
	}), echo)
	for body, status := range map[string]int{"": 200, "x": 401} {
		response, _ := send(t, server, fmt.Sprintf("GET / HTTP/1.1\nHost: x\nAuthorization: %s\nContent-Length: %d\nConnection: close\n\n%s", token(t), len(body), body))
		if response.StatusCode != status {
			t.Errorf("body %q: %s", body, response.Status)
		}
	}
}

func TestABodyThatComesDropByDropEndsWithTheDeadline(t *testing.T) {
	server := serve(t, newVerifier(t, func(c *verify.Config) {
		c.Deadline, c.Binding.Mode = 100*time.Millisecond, oathmesh.BindingBody
	}), echo)
	authorization := token(t, func(o *oathmesh.Options) { o.Binding = oathmesh.BindingBody })
	response, body := send(t, server, "POST / HTTP/1.1\nHost: x\nAuthorization: "+authorization+"\nContent-Length: 10\n\nab")
	if response.StatusCode != 503 || response.Header.Get("Retry-After") != "1" || body["step"] != 12.0 {
		t.Errorf("%s %v", response.Status, body)
	}
}

func TestALongCallStaysAliveAfterItsBodyWasRead(t *testing.T) {
	server := serve(t, newVerifier(t, func(c *verify.Config) {
		c.Deadline, c.Binding.Mode = 50*time.Millisecond, oathmesh.BindingBody
	}), func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
			w.WriteHeader(500)
		case <-time.After(200 * time.Millisecond):
		}
	})
	response, err := newCaller(t, func(o *oathmesh.Options) { o.Binding = oathmesh.BindingBody }).HTTPClient().Post(server.URL, "text/plain", strings.NewReader("body"))
	if err != nil || response.StatusCode != 200 {
		t.Errorf("%v, %v", response, err)
	}
}

type stuckStore struct{}

func (stuckStore) Claim(ctx context.Context, _ replay.Use, _ float64) (replay.Outcome, error) {
	<-ctx.Done()
	return replay.Unavailable, ctx.Err()
}

type brokenStore struct{}

func (brokenStore) Claim(context.Context, replay.Use, float64) (replay.Outcome, error) {
	panic("a fault")
}

func TestFaultsRefuse(t *testing.T) {
	for name, one := range map[string]struct {
		store  replay.Store
		reason verify.Reason
	}{"a store that is stuck": {stuckStore{}, "deadline_exceeded"}, "a store that breaks": {brokenStore{}, "internal_error"}} {
		var told atomic.Pointer[verify.Decision]
		verifier := newVerifier(t, func(c *verify.Config) {
			c.Replay, c.Deadline = one.store, 50*time.Millisecond
			c.OnDecision = func(_ context.Context, decision verify.Decision) { told.Store(&decision) }
		})
		_, err := verifier.Verify(context.Background(), verify.Call{Authorization: []string{token(t)}, Line: oathmesh.RequestLine{Method: "GET", RawPath: "/"}})
		denial, ok := err.(*verify.Denial)
		if !ok || denial.Reason != one.reason || denial.Step != 13 {
			t.Errorf("%s: %v", name, err)
		}
		if decision := told.Load(); decision.Denial != denial || !decision.Verified || decision.Claims.Subject == "" {
			t.Errorf("%s: told %+v", name, decision)
		}
	}
}

func TestConfigurationsThatCannotWork(t *testing.T) {
	document, err := policy.Parse([]byte(`{"version":1,"issuers":["https://issuer.example.test"],"audiences":["other"],"rules":[{"name":"default","allow":false}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*verify.Config){
		"Audience":                      func(c *verify.Config) { c.Audience = "" },
		"Issuers: must":                 func(c *verify.Config) { c.Issuers = nil },
		"Issuers[1].Issuer: is listed":  func(c *verify.Config) { c.Issuers = slices.Concat(c.Issuers, c.Issuers) },
		"Issuers[0].Issuer: must not":   func(c *verify.Config) { c.Issuers = []verify.Issuer{{}} },
		"Issuers[0].Issuer: must be":    func(c *verify.Config) { c.Issuers = []verify.Issuer{{Issuer: "http://x.test"}} },
		"Issuers[0].JWKSURI":            func(c *verify.Config) { c.Issuers = []verify.Issuer{{Issuer: "x", JWKSURI: "https://a@b"}} },
		"Issuers[0].JWKS: has no key":   func(c *verify.Config) { c.Issuers = []verify.Issuer{{Issuer: "x", JWKS: `{"keys":[]}`}} },
		"Issuers[0].Subjects":           func(c *verify.Config) { c.Issuers[0].Subjects = []string{} },
		"Policy: required":              func(c *verify.Config) { c.Policy = nil },
		"Policy: policy: audiences":     func(c *verify.Config) { c.Policy = document },
		"Leeway":                        func(c *verify.Config) { c.Leeway = 61 * time.Second },
		"MaxLifetime":                   func(c *verify.Config) { c.MaxLifetime = time.Hour },
		"MaxTokenBytes":                 func(c *verify.Config) { c.MaxTokenBytes = 1 },
		"Deadline":                      func(c *verify.Config) { c.Deadline = time.Minute },
		"Binding.Mode":                  func(c *verify.Config) { c.Binding.Mode = "x" },
		"Binding.Required":              func(c *verify.Config) { c.Binding.Required = "x" },
		"Binding.Mode: must not be off": func(c *verify.Config) { c.Binding.Required = verify.RequiredAll },
		"Realm":                         func(c *verify.Config) { c.Realm = `"` },
		"IdentityHeaders[0]":            func(c *verify.Config) { c.IdentityHeaders = []verify.IdentityHeader{"x"} },
		"Keys.TTL":                      func(c *verify.Config) { c.Keys.TTL = time.Millisecond },
		"Require.Routes[0].Path":        func(c *verify.Config) { c.Require.Routes = []verify.Route{{Method: "GET", Path: "x", Action: "a"}} },
	} {
		config := verify.Config{Audience: "a", Policy: policy.AllowAll, Issuers: []verify.Issuer{{Issuer: apiIssuer}}}
		change(&config)
		if _, err := verify.New(config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
