package oathmesh

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oathmesh/oathmesh-go/internal/base64url"
)

func newTLSServer(t *testing.T) string {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(ok))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

func claimsOf(t *testing.T, authorization string) map[string]any {
	t.Helper()
	parts := strings.Split(strings.TrimPrefix(authorization, "OathMesh "), ".")
	text, ok := base64url.Decode(parts[1])
	var claims map[string]any
	if !ok || json.Unmarshal(text, &claims) != nil {
		t.Fatal(authorization)
	}
	return claims
}

func TestBindingIsOfTheRequestThatIsSent(t *testing.T) {
	for _, mode := range []BindingMode{BindingBody, BindingMethodPathBody, BindingStrict} {
		for target, line := range map[string]RequestLine{
			"":                    {"POST", "/", ""},
			"/":                   {"POST", "/", ""},
			"/v1/items?dry=1&x":   {"POST", "/v1/items", "dry=1&x"},
			"/a%2Fb/%C3%A9?q=%20": {"POST", "/a%2Fb/%C3%A9", "q=%20"},
			"/é":                  {"POST", "/%C3%A9", ""},
		} {
			g := newGateway(t, ok)
			var seen string
			g.Config.Handler = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				path, query, _ := strings.Cut(r.RequestURI, "?")
				hash, _ := RequestHash(mode, RequestLine{r.Method, path, query}, body)
				seen = fmt.Sprint(claimsOf(t, r.Header.Get("Authorization"))["rqh"] == hash, RequestLine{r.Method, path, query}, string(body))
			})
			client := newClient(t, func(o *Options) { o.Binding = mode })
			if _, err := do(t, client, "POST", g.URL+target, io.MultiReader(strings.NewReader("body"))); err != nil {
				t.Fatal(err)
			}
			if want := fmt.Sprint(true, line, "body"); seen != want {
				t.Errorf("%s %q: %s, want %s", mode, target, seen, want)
			}
		}
	}
}

func TestAuthorizationForARequestThatSomethingElseSends(t *testing.T) {
	client := newClient(t, func(o *Options) { o.Binding = BindingStrict })
	request, _ := http.NewRequest("PUT", "https://gateway.example.test/v1/items?a=b", strings.NewReader("body"))
	authorization, err := client.Authorization(request)
	if err != nil {
		t.Fatal(err)
	}
	hash, _ := RequestHash(BindingStrict, RequestLine{"PUT", "/v1/items", "a=b"}, []byte("body"))
	if claimsOf(t, authorization)["rqh"] != hash {
		t.Error("bound to another request")
	}
	if body, _ := io.ReadAll(request.Body); string(body) != "body" {
		t.Errorf("the body is %q afterwards", body)
	}
	if _, err := client.Authorization(nil); err == nil {
		t.Error("no error without a request")
	}
}

func TestClaimsOfALocalToken(t *testing.T) {
	now := time.Unix(1_774_911_060, 999)
	client := newClient(t, func(o *Options) {
		o.Lifetime, o.Now = 7*time.Second, func() time.Time { return now }
	})
	request, _ := http.NewRequest("GET", "https://gateway.example.test/", nil)
	authorization, err := client.Authorization(request)
	if err != nil {
		t.Fatal(err)
	}
	claims := claimsOf(t, authorization)
	id, _ := claims["jti"].(string)
	delete(claims, "jti")
	want := "map[act:inventory.read aud:https://inventory.internal exp:1.774911067e+09 iat:1.77491106e+09 " +
		"iss:https://issuer.example.test sub:svc://shop/cart]"
	if len(id) != 36 || id[14] != '4' || fmt.Sprint(claims) != want {
		t.Errorf("%s %v", id, claims)
	}
}

func TestPrefetchedTokensAreHandedOutOnceAndDieInTime(t *testing.T) {
	i, g := newIssuerServer(t), newGateway(t, ok)
	var mu sync.Mutex
	now := time.Now()
	client := newClient(t, atIssuer(i.URL), func(o *Options) {
		o.Prefetch = 4
		o.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	})
	var all sync.WaitGroup
	for at := 0; at < 40; at++ {
		all.Add(1)
		go func() {
			defer all.Done()
			response, err := client.HTTPClient().Get(g.URL)
			if err != nil {
				t.Error(err)
				return
			}
			response.Body.Close()
		}()
	}
	all.Wait()
	g.distinct(t, 40)
	held := func() int { client.pool.mu.Lock(); defer client.pool.mu.Unlock(); return len(client.pool.ready) }
	for deadline := time.Now().Add(10 * time.Second); held() < 4 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if asked := i.count(); held() != 4 || asked > 84 {
		t.Errorf("%d held after %d", held(), asked)
	}
	mu.Lock()
	now = now.Add(111 * time.Second)
	mu.Unlock()
	before := i.count()
	if _, err := do(t, client, "GET", g.URL, nil); err != nil {
		t.Fatal(err)
	}
	g.distinct(t, 41)
	if i.count() == before {
		t.Error("a token with nine seconds to live was sent")
	}
}

func TestAGatewayThatHasStartedSinceClearsThePool(t *testing.T) {
	i := newIssuerServer(t)
	g := newGateway(t, ok, refuse(401, "verification_failed", 13, ""), ok)
	client := newClient(t, atIssuer(i.URL), func(o *Options) { o.Prefetch = 8 })
	for at := 0; at < 2; at++ {
		if response, err := do(t, client, "POST", g.URL, nil); err != nil || response.StatusCode != 200 {
			t.Fatal(response, err)
		}
	}
	g.distinct(t, 3)
	client.pool.mu.Lock()
	defer client.pool.mu.Unlock()
	if client.pool.cleared != 1 {
		t.Error("the pool was not cleared")
	}
}

func TestOptionsThatCannotWork(t *testing.T) {
	for want, change := range map[string]func(*Options){
		"Issuer: must not be empty":   func(o *Options) { o.Issuer = "" },
		"Audience: must not be empty": func(o *Options) { o.Audience = "" },
		"Action: must not be empty":   func(o *Options) { o.Action = "" },
		"give either Key":             func(o *Options) { o.Credential = StaticCredential("x") },
		"give either Key or":          func(o *Options) { o.Key = nil },
		"Subject: needed":             func(o *Options) { o.Subject = "" },
		"Subject: must be":            func(o *Options) { o.Subject = "ftp://x" },
		"Binding: must be":            func(o *Options) { o.Binding = "strictly" },
		"Prefetch: must be":           func(o *Options) { o.Prefetch = 33 },
		"Prefetch: a token":           func(o *Options) { o.Prefetch, o.Binding = 1, BindingBody },
		"Retries":                     func(o *Options) { o.Retries = 11 },
		"Lifetime: must":              func(o *Options) { o.Lifetime = 301 * time.Second },
		"Lifetime: must be whole":     func(o *Options) { o.Lifetime = 1500 * time.Millisecond },
		"LongestWait":                 func(o *Options) { o.LongestWait = time.Hour },
		"Timeout":                     func(o *Options) { o.Timeout = time.Hour },
		"Reason: must be UTF-8":       func(o *Options) { o.Reason = "\xff" },
		"Issuer: must be https":       atIssuer("http://issuer.example.test"),
		"Issuer: is not a URL":        atIssuer(secret),
		"Issuer: must be without":     atIssuer("https://user:pass@issuer.example.test"),
	} {
		options := Options{Issuer: "https://issuer.example.test", Key: testKey(t), Subject: "svc://a", Audience: "a", Action: "b"}
		change(&options)
		if _, err := New(options); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestSigningKeys(t *testing.T) {
	key := testKey(t)
	// RFC 8037, A.3.
	if key.KeyID() != "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" {
		t.Errorf("thumbprint %s", key.KeyID())
	}
	der, _ := x509.MarshalPKCS8PrivateKey(key.private)
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	read, err := ReadSigningKey(text, "named")
	if err != nil || read.KeyID() != "named" || read.PublicJWK().X != "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" {
		t.Errorf("%v, %v", read, err)
	}
	for _, printed := range []string{fmt.Sprint(read), fmt.Sprintf("%+v", read), fmt.Sprintf("%#v", read)} {
		if printed != "SigningKey(named)" {
			t.Errorf("prints %s", printed)
		}
	}
	other, _ := rsa.GenerateKey(rand.Reader, 1024)
	otherDER, _ := x509.MarshalPKCS8PrivateKey(other)
	for name, text := range map[string][]byte{
		"nothing":      nil,
		"a secret":     []byte(secret),
		"RSA":          pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: otherDER}),
		"broken":       pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der[:20]}),
		"a PUBLIC KEY": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}),
	} {
		if _, err := ReadSigningKey(text, ""); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewSigningKey(ed25519.PrivateKey("short"), ""); err == nil {
		t.Error("a short key is taken")
	}
}
