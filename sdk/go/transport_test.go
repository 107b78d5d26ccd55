package oathmesh

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func do(t *testing.T, client *Client, method, url string, body io.Reader) (*http.Response, error) {
	t.Helper()
	request, err := http.NewRequest(method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.HTTPClient().Do(request)
	if response != nil {
		t.Cleanup(func() { response.Body.Close() })
	}
	return response, err
}

func TestEveryRequestHasATokenOfItsOwn(t *testing.T) {
	g := newGateway(t, ok)
	client := newClient(t)
	for at := 0; at < 5; at++ {
		response, err := do(t, client, "GET", g.URL, nil)
		if err != nil || response.StatusCode != 200 {
			t.Fatal(response, err)
		}
	}
	g.distinct(t, 5)
}

func TestWhatIsSentAgain(t *testing.T) {
	lost := refuse(401, "replay_detected", 13, "")
	for name, one := range map[string]struct {
		method  string
		answers []http.HandlerFunc
		stream  bool
		calls   int
		status  int
	}{
		"the gateway's 503, whatever the method":     {"POST", []http.HandlerFunc{refuse(503, "verification_failed", 13, "0"), ok}, false, 2, 200},
		"the gateway's 503, while there is patience": {"POST", []http.HandlerFunc{refuse(503, "verification_failed", 13, "0")}, false, 3, 503},
		"the gateway's 503 without Retry-After":      {"POST", []http.HandlerFunc{refuse(503, "verification_failed", 13, ""), ok}, false, 1, 503},
		"a Retry-After that is too long":             {"GET", []http.HandlerFunc{refuse(503, "verification_failed", 13, "11"), ok}, false, 1, 503},
		"a Retry-After that is a date":               {"GET", []http.HandlerFunc{refuse(503, "verification_failed", 13, "Wed, 21 Oct 2026 07:28:00 GMT"), ok}, false, 1, 503},
		"another 503, idempotent":                    {"PUT", []http.HandlerFunc{func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "0"); w.WriteHeader(503) }, ok}, false, 2, 200},
		"another 503, not idempotent":                {"POST", []http.HandlerFunc{func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "0"); w.WriteHeader(503) }, ok}, false, 1, 503},
		"an upstream's JSON 503, not idempotent": {"POST", []http.HandlerFunc{func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "0")
			answerJSON(w, 503, map[string]string{"error": "verification_failed"})
		}, ok}, false, 1, 503},
		"a lost answer, idempotent":                 {"DELETE", []http.HandlerFunc{lost, ok}, false, 2, 200},
		"a lost answer, once only":                  {"GET", []http.HandlerFunc{lost}, false, 2, 401},
		"a lost answer, not idempotent":             {"POST", []http.HandlerFunc{lost, ok}, false, 1, 401},
		"a token older than the gateway's memory":   {"POST", []http.HandlerFunc{refuse(401, "verification_failed", 13, ""), ok}, false, 2, 200},
		"another refusal":                           {"GET", []http.HandlerFunc{refuse(401, "token_expired", 8, ""), ok}, false, 1, 401},
		"another step of verification_failed":       {"GET", []http.HandlerFunc{refuse(401, "verification_failed", 0, ""), ok}, false, 1, 401},
		"a policy's refusal":                        {"GET", []http.HandlerFunc{refuse(403, "policy_denied", 14, ""), ok}, false, 1, 403},
		"a body that streams":                       {"PUT", []http.HandlerFunc{refuse(503, "verification_failed", 13, "0"), ok}, true, 1, 503},
		"a body that streams, and a lost answer":    {"PUT", []http.HandlerFunc{lost, ok}, true, 1, 401},
		"a connection that breaks, idempotent":      {"GET", []http.HandlerFunc{hangUp, ok}, false, 2, 200},
		"a connection that breaks, idempotent body": {"PUT", []http.HandlerFunc{hangUp, ok}, false, 2, 200},
		"a connection that breaks, once only":       {"GET", []http.HandlerFunc{hangUp}, false, 2, 0},
		"a connection that breaks, not idempotent":  {"POST", []http.HandlerFunc{hangUp, ok}, false, 1, 0},
		"a redirect": {"GET", []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x", http.StatusFound) }, ok}, false, 1, 302},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGateway(t, one.answers...)
			var body io.Reader
			if one.method != "GET" {
				body = strings.NewReader("hello")
			}
			if one.stream {
				body = io.MultiReader(body)
			}
			response, err := do(t, newClient(t), one.method, g.URL, body)
			if (err == nil) != (one.status != 0) || err == nil && response.StatusCode != one.status {
				t.Errorf("response %v, error %v", response, err)
			}
			g.distinct(t, one.calls)
			for _, sent := range g.bodies {
				if body != nil && sent != "hello" {
					t.Errorf("body %q", sent)
				}
			}
		})
	}
}

func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func TestAnIdleConnectionThatWasClosedDoesNotSendATokenTwice(t *testing.T) {
	for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
		g := newGateway(t, ok, hangUp, ok)
		client := newClient(t)
		for at := 0; at < 2; at++ {
			response, err := do(t, client, method, g.URL, nil)
			if err != nil || response.StatusCode != 200 {
				t.Fatal(method, response, err)
			}
			_, _ = io.Copy(io.Discard, response.Body)
			response.Body.Close()
		}
		g.distinct(t, 3)
	}
}

func TestThereIsNoBodyWhereThereWasNone(t *testing.T) {
	var lengths []int64
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		lengths = append(lengths, r.ContentLength)
		if len(r.TransferEncoding) > 0 {
			t.Errorf("%s with transfer encoding %v", r.Method, r.TransferEncoding)
		}
	})
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "DELETE", "POST"} {
		if _, err := do(t, newClient(t), method, server.URL, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, length := range lengths {
		if length != 0 {
			t.Errorf("lengths %v", lengths)
		}
	}
}

func TestARefusalStaysReadable(t *testing.T) {
	long := strings.Repeat("x", 3*maxRefusalBytes)
	for name, body := range map[string]string{"short": `{"error":"token_expired","fix":"f"}`, "long": `{"fix":"` + long + `"}`} {
		g := newGateway(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(401)
			fmt.Fprint(w, body)
		})
		response, err := do(t, newClient(t), "GET", g.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(response.Body)
		if err != nil || string(got) != body {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

func TestAGatewayThatAnswersDropByDrop(t *testing.T) {
	release := make(chan struct{})
	g := newGateway(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(401)
		fmt.Fprint(w, `{"error":`)
		w.(http.Flusher).Flush()
		<-release
		fmt.Fprint(w, `"replay_detected","fix":"f"}`)
	})
	client := newClient(t, func(o *Options) { o.Timeout = 50 * time.Millisecond })
	response, err := do(t, client, "GET", g.URL, nil)
	if err != nil || response.StatusCode != 401 {
		t.Fatal(response, err)
	}
	close(release)
	got, err := io.ReadAll(response.Body)
	if err != nil || string(got) != `{"error":"replay_detected","fix":"f"}` {
		t.Errorf("%s, %v", got, err)
	}
	g.distinct(t, 1)
}

func TestNoErrorHoldsTheTokenThatAGatewayEchoes(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	tokens := make(chan string, 10)
	go echoTokens(listener, tokens)
	_, err = do(t, newClient(t), "POST", "http://"+listener.Addr().String(), nil)
	if err == nil {
		t.Fatal("no error")
	}
	token := <-tokens
	for _, part := range strings.Split(token, ".") {
		if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, errors.Unwrap(err)), part) {
			t.Errorf("the error holds the token: %v", err)
		}
	}
}

// echoTokens answers with lines that are no HTTP and hold what was sent.
func echoTokens(listener net.Listener, tokens chan<- string) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		buffer := make([]byte, 8192)
		n, _ := conn.Read(buffer)
		_, rest, _ := bytes.Cut(buffer[:n], []byte("OathMesh "))
		token, _, _ := bytes.Cut(rest, []byte("\r\n"))
		tokens <- string(token)
		fmt.Fprintf(conn, "OathMesh %s\r\n\r\n", token)
		conn.Close()
	}
}

func TestARedirectThatAClientFollowsGetsNoToken(t *testing.T) {
	elsewhere := newGateway(t, ok)
	g := newGateway(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) })
	follows := &http.Client{Transport: newClient(t)}
	if response, err := follows.Get(g.URL); err == nil || !strings.Contains(err.Error(), "HTTPClient") {
		t.Errorf("%v, %v", response, err)
	}
	elsewhere.distinct(t, 0)
}

func TestACallThatEndsWhileWaiting(t *testing.T) {
	g := newGateway(t, refuse(503, "verification_failed", 13, "9"))
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	request, _ := http.NewRequestWithContext(ctx, "GET", g.URL, nil)
	if _, err := newClient(t).RoundTrip(request); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}

func TestTheRequestIsLeftAsItWas(t *testing.T) {
	g := newGateway(t, ok)
	request, _ := http.NewRequest("GET", g.URL, nil)
	request.Header.Set("Authorization", "Bearer other")
	response, err := newClient(t).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if request.Header.Get("Authorization") != "Bearer other" || request.Body != nil {
		t.Error("changed")
	}
	g.distinct(t, 1)
}
