// Command peer is the Go SDK as a process for tests across languages. It verifies every request that is not for
// /peer/, mints at /peer/mint, and calls at /peer/call. It prints its address and ends when its input does.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	oathmesh "github.com/oathmesh/oathmesh-go"
	"github.com/oathmesh/oathmesh-go/policy"
	"github.com/oathmesh/oathmesh-go/replay/redisreplay"
	"github.com/oathmesh/oathmesh-go/verify"
	"github.com/redis/go-redis/v9"
)

// settings are read from the variable PEER, as JSON.
type settings struct {
	Issuer  string `json:"issuer"`
	JWKSURI string `json:"jwks_uri"`
	// Seconds.
	KeysTTL        int    `json:"keys_ttl"`
	RedisTimeoutMS int    `json:"redis_timeout_ms"`
	DeadlineMS     int    `json:"deadline_ms"`
	Audience       string `json:"audience"`
	Subject        string `json:"subject"`
	Key            string `json:"key"`
	Redis          string `json:"redis"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "peer:", err)
		os.Exit(1)
	}
}

func run() error {
	var s settings
	if err := json.Unmarshal([]byte(os.Getenv("PEER")), &s); err != nil {
		return err
	}
	key, err := oathmesh.ReadSigningKey([]byte(s.Key), "")
	if err != nil {
		return err
	}
	client, err := oathmesh.New(oathmesh.Options{
		Issuer: s.Issuer, Key: key, Subject: s.Subject, Audience: s.Audience, Action: "items.write",
	})
	if err != nil {
		return err
	}
	verifier, err := verifierOf(s)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/peer/mint", func(w http.ResponseWriter, r *http.Request) { mint(w, r, client) })
	mux.HandleFunc("/peer/call", func(w http.ResponseWriter, r *http.Request) { call(w, r, client) })
	mux.Handle("/", verifier.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "ok")
	})))
	go func() { _ = http.Serve(listener, mux) }()
	fmt.Printf("http://%s\n", listener.Addr())
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func verifierOf(s settings) (*verify.Verifier, error) {
	store, err := redisreplay.Open(redisreplay.Options{
		Single:  &redis.Options{Addr: s.Redis},
		Timeout: time.Duration(s.RedisTimeoutMS) * time.Millisecond,
	})
	if err != nil {
		return nil, err
	}
	return verify.New(verify.Config{
		Audience: s.Audience,
		Issuers:  []verify.Issuer{{Issuer: s.Issuer, JWKSURI: s.JWKSURI}},
		Keys: verify.Keys{
			TTL: time.Duration(s.KeysTTL) * time.Second, RefreshCooldown: time.Second, AllowHTTP: true,
		},
		Policy: policy.AllowAll,
		Replay: store,
	})
}

func mint(w http.ResponseWriter, r *http.Request, client *oathmesh.Client) {
	authorization, err := client.Authorization(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	fmt.Fprint(w, authorization)
}

// call gives the status of a call, 0 when there was no answer.
func call(w http.ResponseWriter, r *http.Request, client *oathmesh.Client) {
	query := r.URL.Query()
	var body io.Reader
	if query.Get("method") == http.MethodPost {
		body = strings.NewReader("{}")
	}
	request, err := http.NewRequestWithContext(r.Context(), query.Get("method"), query.Get("url"), body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	response, err := client.HTTPClient().Do(request)
	if err != nil {
		fmt.Fprint(w, 0)
		return
	}
	defer response.Body.Close()
	fmt.Fprint(w, response.StatusCode)
}
