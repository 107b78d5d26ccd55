package oathmesh

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"time"
	"unicode/utf8"
)

// Options of a client: what it mints and how it calls.
type Options struct {
	// Issuer is the URL of the issuer, https or on this machine; with Key, only the `iss` of the tokens.
	Issuer string
	// Credential proves this process to the issuer. It is asked for anew with every token.
	Credential Credential
	// Key mints here instead. Nothing is asked of the issuer, and whoever has the key can name any subject.
	Key *SigningKey
	// Audience is `aud`: the name by which the API knows itself.
	Audience string
	// Action is `act`: what the calls do.
	Action string
	// Subject is `sub`. Needed with Key; otherwise only where the issuer leaves a choice.
	Subject string
	// Scope, Reason, Env, Tenant and Source are the claims of these names; Source is `src`.
	Scope               []string
	Reason, Env, Tenant string
	Source              *Source
	// Lifetime of a token in whole seconds, 1 s to 300 s; 0 means 120 s.
	Lifetime time.Duration
	// Binding is the mode in which the API checks `rqh`; empty means BindingOff.
	Binding BindingMode
	// Prefetch is how many tokens to hold ready, 0 to 32. Not with Binding.
	Prefetch int
	// Retries are attempts after the first when asked to wait, up to 10; 0 means 2, NoRetries none.
	Retries int
	// LongestWait is the longest `Retry-After` that is waited for; 0 means 10 s.
	LongestWait time.Duration
	// Timeout bounds one request to the issuer, its answer included; 0 means 5 s.
	Timeout time.Duration
	// Transport sends requests to the issuer and to the API; nil means http.DefaultTransport.
	Transport http.RoundTripper
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// NoRetries as Options.Retries: an answer that asks to wait is passed on at once.
const NoRetries = -1

var subjectGrammar = regexp.MustCompile(`^(?:agent|svc|job|tool|user)://[a-zA-Z0-9/_.-]{1,256}$`)

// checked gives the options with their defaults. The error names the option.
func (o Options) checked() (Options, error) {
	defaults(&o)
	return o, errors.Join(checkTexts(o), checkOrigin(o), checkBinding(o), checkNumbers(o))
}

func defaults(o *Options) {
	if o.Binding == "" {
		o.Binding = BindingOff
	}
	switch o.Retries {
	case 0:
		o.Retries = 2
	case NoRetries:
		o.Retries = 0
	}
	for _, duration := range []struct {
		value    *time.Duration
		fallback time.Duration
	}{{&o.Lifetime, 120 * time.Second}, {&o.LongestWait, 10 * time.Second}, {&o.Timeout, 5 * time.Second}} {
		if *duration.value == 0 {
			*duration.value = duration.fallback
		}
	}
	if o.Transport == nil {
		o.Transport = http.DefaultTransport
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}

func checkTexts(o Options) error {
	required := []struct{ name, value string }{{"Issuer", o.Issuer}, {"Audience", o.Audience}, {"Action", o.Action}}
	for _, text := range required {
		if text.value == "" {
			return fmt.Errorf("oathmesh: %s: must not be empty", text.name)
		}
	}
	texts := append(required, []struct{ name, value string }{
		{"Reason", o.Reason}, {"Env", o.Env}, {"Tenant", o.Tenant},
	}...)
	for _, text := range texts {
		if !utf8.ValidString(text.value) {
			return fmt.Errorf("oathmesh: %s: must be UTF-8", text.name)
		}
	}
	if o.Subject == "" && o.Key != nil {
		return errors.New("oathmesh: Subject: needed with Key")
	}
	if o.Subject != "" && !subjectGrammar.MatchString(o.Subject) {
		return errors.New("oathmesh: Subject: must be agent://, svc://, job://, tool:// or user:// and a name of A–Z a–z 0–9 / _ . -")
	}
	return nil
}

func checkOrigin(o Options) error {
	if (o.Key == nil) == (o.Credential == nil) {
		return errors.New("oathmesh: give either Key or Credential")
	}
	if o.Key != nil {
		return nil
	}
	_, err := issuerRoute(o.Issuer, "/v1/token")
	return err
}

func checkBinding(o Options) error {
	if !o.Binding.Known() {
		return errors.New("oathmesh: Binding: must be off, body, method_path_body or strict")
	}
	if o.Prefetch > 0 && o.Binding != BindingOff {
		return errors.New("oathmesh: Prefetch: a token that is bound to its request cannot be minted ahead")
	}
	return nil
}

func checkNumbers(o Options) error {
	switch {
	case o.Prefetch < 0 || o.Prefetch > 32:
		return errors.New("oathmesh: Prefetch: must be 0 to 32")
	case o.Retries < 0 || o.Retries > 10:
		return errors.New("oathmesh: Retries: must be NoRetries or up to 10")
	case o.Lifetime < time.Second || o.Lifetime > 300*time.Second || o.Lifetime%time.Second != 0:
		return errors.New("oathmesh: Lifetime: must be whole seconds, 1 s to 300 s")
	case o.LongestWait < 0 || o.LongestWait > 10*time.Minute:
		return errors.New("oathmesh: LongestWait: must be up to 10 minutes")
	case o.Timeout < time.Millisecond || o.Timeout > 10*time.Minute:
		return errors.New("oathmesh: Timeout: must be 1 ms to 10 minutes")
	}
	return nil
}
