package keys

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"

func setOf(kids ...string) string {
	var entries []string
	for _, kid := range kids {
		entries = append(entries, fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","kid":%q,"x":%q}`, kid, x))
	}
	return `{"keys":[` + strings.Join(entries, ",") + `]}`
}

// issuer is a real server whose answer can be changed, and a clock that moves by hand.
type issuer struct {
	set     *RemoteSet
	answer  atomic.Value
	fetches atomic.Int64
	mu      sync.Mutex
	clock   time.Time
	reports []string
}

func newIssuer(t *testing.T, answer http.HandlerFunc) *issuer {
	t.Helper()
	i := &issuer{clock: time.Unix(1_774_911_060, 0)}
	i.answer.Store(answer)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.fetches.Add(1)
		i.answer.Load().(http.HandlerFunc)(w, r)
	}))
	t.Cleanup(server.Close)
	i.set = NewRemoteSet("https://issuer.example.test", server.URL+"/jwks", Settings{
		TTL: time.Minute, StaleIfError: 10 * time.Minute, RefreshCooldown: 30 * time.Second, Timeout: 2 * time.Second,
	}, Ports{
		Client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		Now:    i.now, Random: func() float64 { return 0.5 },
		// Refreshing ahead of use is a timer; here only calls refresh.
		Later: func(time.Duration, func()) {},
		Report: func(_ bool, message string, attributes ...any) {
			i.reports = append(i.reports, fmt.Sprint(message, attributes))
		},
	})
	return i
}

func (i *issuer) now() time.Time {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.clock
}

func (i *issuer) pass(duration time.Duration) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.clock = i.clock.Add(duration)
}

func (i *issuer) find(t *testing.T, kid string) Found {
	t.Helper()
	lookup, err := i.set.Find(context.Background(), kid)
	if err != nil {
		t.Fatal(err)
	}
	if (lookup.Found == Present) != (lookup.Key != nil) {
		t.Fatal("a key where there is none, or none where there is one")
	}
	return lookup.Found
}

func (i *issuer) landed() {
	for flying := true; flying; time.Sleep(time.Millisecond) {
		i.set.mu.Lock()
		flying = i.set.refresher.flight != nil
		i.set.mu.Unlock()
	}
}

func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func expect(t *testing.T, got, want Found, when string) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: got %d, want %d", when, got, want)
	}
}

func TestManyCallsCauseOneFetch(t *testing.T) {
	i := newIssuer(t, text(setOf("a")))
	var all sync.WaitGroup
	for at := 0; at < 50; at++ {
		all.Add(1)
		go func() {
			defer all.Done()
			if lookup, _ := i.set.Find(context.Background(), "a"); lookup.Found != Present {
				t.Error("not found")
			}
		}()
	}
	all.Wait()
	if i.fetches.Load() != 1 {
		t.Errorf("%d fetches", i.fetches.Load())
	}
}

func TestInventedKeyIDsCostAtMostTheBudget(t *testing.T) {
	i := newIssuer(t, text(setOf("a")))
	expect(t, i.find(t, "a"), Present, "the first call")
	for at := range 300 {
		expect(t, i.find(t, fmt.Sprint("invented-", at)), UnknownKid, "an invented kid")
	}
	if i.fetches.Load() != 2 {
		t.Errorf("%d fetches for one burst of two", i.fetches.Load())
	}
	i.pass(30 * time.Second)
	expect(t, i.find(t, "invented-0"), UnknownKid, "a cooldown later")
	expect(t, i.find(t, "invented-new"), UnknownKid, "a cooldown later, the next")
	if i.fetches.Load() != 3 {
		t.Errorf("%d fetches", i.fetches.Load())
	}
	expect(t, i.find(t, strings.Repeat("k", 257)), UnknownKid, "a kid that is too long")
	if i.set.misses.order.Len() > maxMisses {
		t.Errorf("%d misses are remembered", i.set.misses.order.Len())
	}
}

func TestARotatedKeyIsFoundAtOnceAndAWithdrawnOneGoesWithTheLifetime(t *testing.T) {
	i := newIssuer(t, text(setOf("a")))
	expect(t, i.find(t, "a"), Present, "before the rotation")
	i.answer.Store(text(setOf("b")))
	expect(t, i.find(t, "b"), Present, "the new key")
	expect(t, i.find(t, "a"), UnknownKid, "the old key")
}

func TestKeysServeAsStaleOnlyWhileTheIssuerFails(t *testing.T) {
	i := newIssuer(t, text(setOf("a")))
	expect(t, i.find(t, "a"), Present, "fresh")
	i.answer.Store(status(http.StatusBadGateway))
	i.pass(61 * time.Second)
	expect(t, i.find(t, "a"), Present, "past its lifetime, the issuer fails")
	i.landed()
	i.answer.Store(text(setOf("b")))
	i.pass(20 * time.Second)
	expect(t, i.find(t, "a"), Present, "stale, while a fetch is under way that is known to have failed before")
	i.landed()
	expect(t, i.find(t, "a"), UnknownKid, "once the issuer has answered")
	i.answer.Store(status(http.StatusBadGateway))
	i.pass(12 * time.Minute)
	expect(t, i.find(t, "b"), Unreachable, "past even the stale window")
}

func TestFailuresAreHeldBack(t *testing.T) {
	i := newIssuer(t, status(http.StatusInternalServerError))
	for range 100 {
		expect(t, i.find(t, "a"), Unreachable, "while it fails")
	}
	if i.fetches.Load() != 1 {
		t.Errorf("%d fetches in one moment", i.fetches.Load())
	}
	i.pass(time.Second)
	i.find(t, "a")
	if i.fetches.Load() != 2 {
		t.Errorf("%d fetches a second later", i.fetches.Load())
	}
	i.pass(-time.Hour)
	expect(t, i.find(t, "a"), Unreachable, "after a clock set back")
	if i.fetches.Load() != 3 {
		t.Errorf("%d fetches: a clock that was set back makes hours of seconds", i.fetches.Load())
	}
}

func TestAClockSetBackDoesNotMakeKeysLast(t *testing.T) {
	i := newIssuer(t, text(setOf("a")))
	expect(t, i.find(t, "a"), Present, "fresh")
	i.pass(-24 * time.Hour)
	expect(t, i.find(t, "a"), Present, "after the step")
	i.answer.Store(text(setOf("b")))
	i.pass(62 * time.Second)
	expect(t, i.find(t, "a"), UnknownKid, "a lifetime after the step")
}

func TestPurge(t *testing.T) {
	i := newIssuer(t, text(setOf("a")))
	expect(t, i.find(t, "a"), Present, "before")
	i.answer.Store(text(setOf("b")))
	i.pass(2 * time.Second)
	i.set.Purge()
	expect(t, i.find(t, "a"), UnknownKid, "a purged key")
	expect(t, i.find(t, "b"), Present, "a new key")
}

func TestHostileAnswers(t *testing.T) {
	for name, one := range map[string]struct {
		answer http.HandlerFunc
		found  Found
		report string
	}{
		"huge": {func(w http.ResponseWriter, _ *http.Request) {
			chunk := []byte(strings.Repeat(" ", 1<<16))
			for range 1 << 12 {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}, InvalidDocument, "longer than 65536 bytes"},
		"slow": {func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, Unreachable, "no complete answer within"},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}, InvalidDocument, "status 302"},
		"compressed": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			fmt.Fprint(w, setOf("a"))
		}, InvalidDocument, "compressed"},
		"not JSON":        {text("<html>"), InvalidDocument, "is not JSON"},
		"a name twice":    {text(`{"keys":[],"keys":[]}`), InvalidDocument, "is not JSON"},
		"one kid twice":   {text(setOf("a", "a")), InvalidDocument, "one kid"},
		"too many keys":   {text(setOf(make([]string, 101)...)), InvalidDocument, "more than 100"},
		"no keys":         {text(`{}`), InvalidDocument, `no list "keys"`},
		"an empty list":   {text(`{"keys":[]}`), UnknownKid, "no usable key"},
		"a private key":   {text(strings.Replace(setOf("a"), `"kid"`, `"d":"AA","kid"`, 1)), UnknownKid, "holds a private key"},
		"too many asked":  {status(http.StatusTooManyRequests), Unreachable, "status 429"},
		"not found":       {status(http.StatusNotFound), InvalidDocument, "status 404"},
		"a broken answer": {func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }, Unreachable, "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newIssuer(t, one.answer)
			expect(t, i.find(t, "a"), one.found, "the answer")
			if len(i.reports) == 0 || !strings.Contains(i.reports[0], one.report) {
				t.Errorf("reports %q", i.reports)
			}
		})
	}
}

func TestACallDoesNotWaitLongerThanItsContext(t *testing.T) {
	i := newIssuer(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := i.set.Find(ctx, "a"); err != context.DeadlineExceeded {
		t.Errorf("error %v", err)
	}
}

func TestSetURL(t *testing.T) {
	for _, one := range []struct{ issuer, uri, want string }{
		{"https://issuer.example.test", "", "https://issuer.example.test/.well-known/jwks.json"},
		{"https://issuer.example.test/a/b//", "", "https://issuer.example.test/a/b/.well-known/jwks.json"},
		{"https://issuer.example.test/a%2Fb", "", "https://issuer.example.test/a%2Fb/.well-known/jwks.json"},
		{"anything", "https://keys.example.test/set", "https://keys.example.test/set"},
		{"http://issuer.example.test", "", ""},
		{"https://user@issuer.example.test", "", ""},
		{"https://issuer.example.test/?q", "", ""},
		{"https://issuer.example.test#f", "", ""},
		{`https://issuer.example.test\@evil.test`, "", ""},
		{"https://issuer.example.test/\t", "", ""},
		{"https://issuer.exämple.test", "", ""},
		{"ftp://issuer.example.test", "", ""},
		{"https:///nohost", "", ""},
	} {
		got, err := SetURL(one.issuer, one.uri, false)
		if got != one.want || (err == nil) != (one.want != "") {
			t.Errorf("%q %q: %q, %v", one.issuer, one.uri, got, err)
		}
	}
	if _, err := SetURL("http://issuer.example.test", "", true); err != nil {
		t.Error(err)
	}
}
