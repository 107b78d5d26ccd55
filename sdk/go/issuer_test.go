package oathmesh

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// hold answers nothing until the client has gone, which a server sees once the body has been read.
func hold(r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

func mintError(t *testing.T, client *Client) *MintError {
	t.Helper()
	request, _ := http.NewRequest("GET", "http://127.0.0.1:1/", nil)
	_, err := client.Authorization(request)
	var mint *MintError
	if !errors.As(err, &mint) {
		t.Fatalf("error %T %v", err, err)
	}
	for _, text := range []string{fmt.Sprintf("%v", err), fmt.Sprintf("%+v", mint), fmt.Sprintf("%#v", *mint)} {
		if strings.Contains(text, secret) || strings.Contains(text, "eyJhbGci") {
			t.Errorf("the error holds a secret: %s", text)
		}
	}
	return mint
}

func TestTheIssuerIsAskedForEveryToken(t *testing.T) {
	i, g := newIssuerServer(t), newGateway(t, ok)
	client := newClient(t, atIssuer(i.URL), func(o *Options) {
		o.Scope, o.Reason, o.Env, o.Tenant = []string{"a", "b"}, "why", "prod", "acme"
		o.Source = &Source{Type: "ci", Repo: "acme/shop"}
	})
	for at := 0; at < 3; at++ {
		if _, err := do(t, client, "GET", g.URL, nil); err != nil {
			t.Fatal(err)
		}
	}
	g.distinct(t, 3)
	want := `{"act":"inventory.read","aud":"https://inventory.internal","env":"prod","reason":"why","scope":["a","b"],` +
		`"src":{"repo":"acme/shop","type":"ci"},"tenant":"acme","ttl_hint":120}`
	got, _ := json.Marshal(i.asked[0])
	if i.count() != 3 || string(got) != want {
		t.Errorf("%d: %s", i.count(), got)
	}
}

func TestHostileIssuers(t *testing.T) {
	token := "eyJhbGciOiJFZERTQSJ9.eyJqdGkiOiIxIn0.c2lnbmF0dXJl"
	for name, one := range map[string]struct {
		answer http.HandlerFunc
		kind   MintErrorKind
		says   string
	}{
		"huge": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			for {
				if _, err := w.Write([]byte(strings.Repeat(" ", 1<<16))); err != nil {
					return
				}
			}
		}, Unavailable, "longer than 64 KiB"},
		"compressed": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			answerJSON(w, 200, map[string]string{"token": token})
		}, Unavailable, "compressed"},
		"slow": {func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			hold(r)
		}, Unavailable, "within 500ms"},
		"silent":   {func(_ http.ResponseWriter, r *http.Request) { hold(r) }, Unavailable, "within 500ms"},
		"not JSON": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>"+secret) }, Unavailable, "has none"},
		"JSON of another type": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `["`+token+`"]`)
		}, Unavailable, "has none"},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, Unavailable, "redirects"},
		"a token with lines": {func(w http.ResponseWriter, _ *http.Request) {
			answerJSON(w, 200, map[string]string{"token": "a.b.c\r\nX-Evil: 1"})
		}, Unavailable, "has none"},
		"a token that is a number": {func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, 200, map[string]int{"token": 1}) }, Unavailable, "has none"},
		"hangs up":                 {hangUp, Unavailable, "closed the connection"},
		"refuses, echoing": {func(w http.ResponseWriter, r *http.Request) {
			answerJSON(w, 403, map[string]string{
				"error": "mint_denied", "message": "no " + r.Header.Get("Authorization") + " " + token + "\x1b[31m\n\u202e", "fix": "ask " + secret,
			})
		}, Refused, "403 mint_denied no Bearer [removed] [removed]\\u001b[31m\\u000a\\u202e Fix: ask [removed]"},
		"refuses at length": {func(w http.ResponseWriter, _ *http.Request) {
			answerJSON(w, 403, map[string]string{"message": strings.Repeat("x", 60_000)})
		}, Refused, "…"},
		"is short of something": {func(w http.ResponseWriter, _ *http.Request) {
			answerJSON(w, 500, map[string]string{"error": "internal"})
		}, Unavailable, "500 internal"},
		"is too busy": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "0"); w.WriteHeader(429) }, Unavailable, "429"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, one.answer)
			err := mintError(t, newClient(t, atIssuer(server.URL), func(o *Options) { o.Timeout = 500 * time.Millisecond }))
			if err.Kind != one.kind || !strings.Contains(err.Error(), one.says) || len(err.Error()) > 1500 {
				t.Errorf("%s: %v", err.Kind, err)
			}
		})
	}
}

func TestAnIssuerThatCannotBeReached(t *testing.T) {
	server := serve(t, ok)
	server.Close()
	err := mintError(t, newClient(t, atIssuer(server.URL)))
	if err.Kind != Unavailable || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("%v", err)
	}
	tls := newTLSServer(t)
	if err := mintError(t, newClient(t, atIssuer(tls))); !strings.Contains(err.Error(), "certificate is not trusted") {
		t.Errorf("%v", err)
	}
}

func TestAnIssuerThatAsksForTimeIsWaitedFor(t *testing.T) {
	var calls atomic.Int64
	i := newIssuerServer(t)
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) < 3 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(503)
			return
		}
		i.Config.Handler.ServeHTTP(w, r)
	})
	g := newGateway(t, ok)
	if _, err := do(t, newClient(t, atIssuer(server.URL)), "GET", g.URL, nil); err != nil || calls.Load() != 3 {
		t.Errorf("%d calls: %v", calls.Load(), err)
	}
	calls.Store(0)
	client := newClient(t, atIssuer(server.URL), func(o *Options) { o.Retries = NoRetries })
	if err := mintError(t, client); err.Status != 503 || calls.Load() != 1 {
		t.Errorf("%d calls: %v", calls.Load(), err)
	}
}

func TestTheEndOfTheCallIsTheCause(t *testing.T) {
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) { hold(r) })
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	request, _ := http.NewRequestWithContext(ctx, "GET", "http://127.0.0.1:1/", nil)
	_, err := newClient(t, atIssuer(server.URL)).Authorization(request)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

func TestCredentialsThatCannotBeSent(t *testing.T) {
	for name, credential := range map[string]Credential{
		"empty":     StaticCredential(""),
		"two lines": StaticCredential(secret + "\nX"),
		"a PEM":     StaticCredential("-----BEGIN PRIVATE KEY-----"),
		"not ASCII": StaticCredential(secret + "é"),
		"no file":   FileCredential("/nonexistent/token"),
		"its failure": func(context.Context) (string, error) {
			return "", errors.New("vault said eyJhbGciOiJF.eyJqdGkiOiIx.c2ln")
		},
	} {
		t.Run(name, func(t *testing.T) {
			client := newClient(t, atIssuer("https://issuer.example.test"), func(o *Options) { o.Credential = credential })
			if err := mintError(t, client); !strings.Contains(err.Error(), "no credential to ask with") {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestAFileIsReadForEveryToken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	credential := FileCredential(path)
	for _, text := range []string{"first", "second"} {
		if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := credential(context.Background()); got != text || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func TestGitHubActions(t *testing.T) {
	jwt := "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyZXBvOmFjbWUifQ.c2lnbmF0dXJl"
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer runner-token" || r.URL.Query().Get("api-version") != "2.0" ||
			r.URL.Query().Get("audience") != "https://issuer.example.test" {
			w.WriteHeader(403)
			return
		}
		answerJSON(w, 200, map[string]string{"value": jwt})
	})
	env := map[string]string{
		"ACTIONS_ID_TOKEN_REQUEST_URL": server.URL + "/token?api-version=2.0", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "runner-token",
	}
	get := func(name string) string { return env[name] }
	credential, err := githubActions("https://issuer.example.test", get, http.DefaultTransport)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := credential(context.Background()); got != jwt || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = "other"
	credential, _ = githubActions("https://issuer.example.test", get, http.DefaultTransport)
	if _, err := credential(context.Background()); err == nil || !strings.Contains(err.Error(), "status 403") {
		t.Errorf("%v", err)
	}
	delete(env, "ACTIONS_ID_TOKEN_REQUEST_URL")
	if _, err := githubActions("https://issuer.example.test", get, http.DefaultTransport); err == nil {
		t.Error("no error outside of a job")
	}
}
