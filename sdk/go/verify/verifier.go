// Package verify decides on calls with OathMesh tokens: fourteen ordered checks, the same verdict as the
// gateways' for every input. Handler puts it before a net/http handler.
package verify

import (
	"context"
	"crypto/tls"
	"fmt"
	"math/rand"
	"net/http"
	"strconv"
	"time"

	"github.com/oathmesh/oathmesh-go/internal/keys"
	"github.com/oathmesh/oathmesh-go/policy"
	"github.com/oathmesh/oathmesh-go/replay"
)

// Verifier decides on calls. Safe for use by several goroutines at once.
type Verifier struct {
	config Config
	// By `iss`; nil for an issuer that may speak for every subject.
	issuers      map[string][]func(string) bool
	keys         keys.Cache
	requirements *requirementTable
	// Whole seconds.
	leeway, maxLifetime int64
	realm               string
}

// New makes a verifier. It opens nothing yet; the error names every faulty field.
func New(config Config) (*Verifier, error) {
	config = withDefaults(config)
	if err := check(config); err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	v := &Verifier{
		config: config, issuers: map[string][]func(string) bool{}, keys: keys.Cache{},
		leeway:      int64(config.Leeway / time.Second),
		maxLifetime: int64(config.MaxLifetime / time.Second),
		realm:       config.Audience + "\n" + config.Name,
	}
	client := keyClient(config.Keys)
	for at, issuer := range config.Issuers {
		if err := v.trust(issuer, client); err != nil {
			return nil, fmt.Errorf("verify: Issuers[%d].%w", at, err)
		}
	}
	var err error
	if v.requirements, err = compileRequirements(config.Require); err != nil {
		return nil, fmt.Errorf("verify: Require.%w", err)
	}
	return v, nil
}

func (v *Verifier) trust(issuer Issuer, client *http.Client) error {
	if issuer.Issuer == "" {
		return fmt.Errorf("Issuer: must not be empty")
	}
	if _, twice := v.issuers[issuer.Issuer]; twice {
		return fmt.Errorf("Issuer: is listed twice")
	}
	if issuer.Subjects != nil && len(issuer.Subjects) == 0 {
		return fmt.Errorf("Subjects: must be nil, for all, or name some")
	}
	var globs []func(string) bool
	for _, pattern := range issuer.Subjects {
		if pattern == "" {
			return fmt.Errorf("Subjects: must not hold an empty text")
		}
		globs = append(globs, policy.Glob(pattern))
	}
	v.issuers[issuer.Issuer] = globs
	set, err := v.keySet(issuer, client)
	v.keys[issuer.Issuer] = set
	return err
}

func (v *Verifier) keySet(issuer Issuer, client *http.Client) (keys.KeySet, error) {
	if issuer.JWKS != "" {
		if issuer.JWKSURI != "" {
			return nil, fmt.Errorf("JWKS: give either JWKS or JWKSURI")
		}
		set, err := keys.ParseInline([]byte(issuer.JWKS))
		if err != nil {
			return nil, fmt.Errorf("JWKS: %w", err)
		}
		return &keys.InlineSet{Set: set}, nil
	}
	location, err := keys.SetURL(issuer.Issuer, issuer.JWKSURI, v.config.Keys.AllowHTTP)
	if err != nil {
		field := "Issuer"
		if issuer.JWKSURI != "" {
			field = "JWKSURI"
		}
		return nil, fmt.Errorf("%s: %w", field, err)
	}
	settings := keys.Settings{
		TTL: v.config.Keys.TTL, StaleIfError: v.config.Keys.StaleIfError,
		RefreshCooldown: v.config.Keys.RefreshCooldown, Timeout: v.config.Keys.Timeout,
	}
	return keys.NewRemoteSet(issuer.Issuer, location, settings, keys.Ports{
		Client: client, Now: v.config.Now, Report: v.report, Random: rand.Float64,
		Later: func(delay time.Duration, run func()) { time.AfterFunc(delay, run) },
	}), nil
}

// keyClient follows no redirects, unpacks nothing and keeps one connection for the next refresh.
func keyClient(settings Keys) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			TLSClientConfig:        &tls.Config{RootCAs: settings.RootCAs, MinVersion: tls.VersionTLS12},
			DisableCompression:     true,
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConnsPerHost:    1,
			IdleConnTimeout:        75 * time.Second,
			ForceAttemptHTTP2:      true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Prewarm fetches the keys of every issuer and returns when that has ended, well or badly, or the context
// has: the first call does not wait then.
func (v *Verifier) Prewarm(ctx context.Context) {
	done := make(chan struct{}, len(v.keys))
	for _, set := range v.keys {
		go func() {
			set.Prewarm(ctx)
			done <- struct{}{}
		}()
	}
	for range v.keys {
		<-done
	}
}

// PurgeKeys is for emergencies: it forgets every fetched key now, then fetches anew. Until that has
// succeeded, tokens of the issuer are refused.
func (v *Verifier) PurgeKeys() {
	for _, set := range v.keys {
		set.Purge()
	}
}

// Verify decides on one call, within the deadline. The error is a *Denial and nothing else; every fault is
// a refusal.
func (v *Verifier) Verify(ctx context.Context, call Call) (*Caller, error) {
	decision := v.decide(ctx, &call)
	if v.config.OnDecision != nil {
		v.config.OnDecision(ctx, decision)
	}
	if decision.Denial != nil {
		return nil, decision.Denial
	}
	return &Caller{decision.Claims, decision.KeyID, decision.Rule, decision.Degraded}, nil
}

func (v *Verifier) decide(ctx context.Context, call *Call) Decision {
	started := time.Now()
	ctx, cancel := context.WithTimeout(ctx, v.config.Deadline)
	defer cancel()
	at := v.config.Now()
	a := &attempt{ctx: ctx, call: call, v: v, now: float64(at.UnixMilli()) / 1000}
	denial := a.run()
	decision := Decision{
		Denial: denial, Claims: a.claims, Rule: a.rule, Verified: a.verified,
		Degraded: a.use == replay.KnownGood, At: at, Elapsed: time.Since(started),
	}
	if a.key != nil {
		decision.KeyID = a.key.Kid
	}
	return decision
}

func (v *Verifier) report(warning bool, message string, attributes ...any) {
	if warning {
		v.config.Logger.Warn(message, attributes...)
	} else {
		v.config.Logger.Info(message, attributes...)
	}
}

// reportPanic: the fault is ours, and its text may hold anything.
func (v *Verifier) reportPanic(fault any) {
	v.config.Logger.Error("a call was refused because of an internal fault", "kind", fmt.Sprintf("%T", fault))
}

const longestQuote = 256

// quoted makes text of a token fit for a log: bounded, with every character escaped that acts on a reader.
func quoted(text string) string {
	if len(text) > longestQuote {
		text = text[:longestQuote] + "…"
	}
	return strconv.QuoteToASCII(text)
}
