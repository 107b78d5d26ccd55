package verify_test

import (
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	oathmesh "github.com/oathmesh/oathmesh-go"
	"github.com/oathmesh/oathmesh-go/internal/vectors"
	"github.com/oathmesh/oathmesh-go/verify"
)

// jwksServer is a real one, over TLS, whose document can be changed and which can fail.
func jwksServer(t *testing.T) (*httptest.Server, *atomic.Value) {
	t.Helper()
	document := &atomic.Value{}
	document.Store(vectors.Keys["trusted"].JWKS())
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text := document.Load().(string)
		if r.URL.Path != "/.well-known/jwks.json" || text == "" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, text)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server, document
}

func trusting(server *httptest.Server) func(*verify.Config) {
	return func(c *verify.Config) {
		c.Issuers = []verify.Issuer{{Issuer: server.URL}}
		c.Keys.RootCAs = x509.NewCertPool()
		c.Keys.RootCAs.AddCert(server.Certificate())
		c.Deadline = 20 * time.Second
	}
}

func status(t *testing.T, api *httptest.Server, issuer string) int {
	t.Helper()
	client := newCaller(t, func(o *oathmesh.Options) { o.Issuer, o.Retries = issuer, oathmesh.NoRetries })
	response, err := client.HTTPClient().Get(api.URL)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

func TestKeysComeFromTheIssuerAndGoWhenItWithdrawsThem(t *testing.T) {
	issuer, document := jwksServer(t)
	verifier := newVerifier(t, trusting(issuer))
	api := serve(t, verifier, echo)
	if got := status(t, api, issuer.URL); got != 200 {
		t.Fatalf("status %d", got)
	}
	document.Store(strings.ReplaceAll(vectors.Keys["second"].JWKS(), `"d"`, ""))
	verifier.PurgeKeys()
	if got := status(t, api, issuer.URL); got != 401 {
		t.Errorf("status %d after the key was withdrawn and purged", got)
	}
}

func TestAnIssuerThatIsAwayIsA503(t *testing.T) {
	issuer, document := jwksServer(t)
	document.Store("")
	api := serve(t, newVerifier(t, trusting(issuer)), echo)
	if got := status(t, api, issuer.URL); got != 503 {
		t.Errorf("status %d", got)
	}
	untrusted := serve(t, newVerifier(t, trusting(issuer), func(c *verify.Config) { c.Keys.RootCAs = nil }), echo)
	if got := status(t, untrusted, issuer.URL); got != 503 {
		t.Errorf("status %d where the certificate is not trusted", got)
	}
}

func TestOverHTTP2(t *testing.T) {
	server := httptest.NewUnstartedServer(newVerifier(t, func(c *verify.Config) {
		c.Binding = verify.Binding{Mode: oathmesh.BindingStrict, Required: verify.RequiredAll}
	}).Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		fmt.Fprint(w, r.Proto, " ", string(body), " ", err)
	})))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	client := newCaller(t, func(o *oathmesh.Options) {
		o.Binding, o.Transport = oathmesh.BindingStrict, server.Client().Transport
	}).HTTPClient()
	for _, body := range []string{"", "body"} {
		response, err := client.Post(server.URL+"/a%2Fb?x=%20", "text/plain", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != 200 || string(text) != "HTTP/2.0 "+body+" <nil>" {
			t.Errorf("%s %s", response.Status, text)
		}
	}
	for range 2 {
		response, err := client.Get(server.URL)
		if err != nil || response.StatusCode != 200 {
			t.Errorf("%v %v", response, err)
		}
	}
}
