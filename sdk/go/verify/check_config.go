package verify

import (
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"time"

	oathmesh "github.com/oathmesh/oathmesh-go"
	"github.com/oathmesh/oathmesh-go/policy"
	"github.com/oathmesh/oathmesh-go/replay"
)

func withDefaults(c Config) Config {
	otherwise(&c.Leeway, 30*time.Second)
	otherwise(&c.MaxLifetime, 300*time.Second)
	otherwise(&c.MaxTokenBytes, 8192)
	otherwise(&c.Deadline, time.Second)
	otherwise(&c.Keys.TTL, time.Minute)
	otherwise(&c.Keys.StaleIfError, 10*time.Minute)
	otherwise(&c.Keys.RefreshCooldown, 30*time.Second)
	otherwise(&c.Keys.Timeout, 5*time.Second)
	otherwise(&c.Binding.Mode, oathmesh.BindingOff)
	otherwise(&c.Binding.Required, RequiredNone)
	otherwise(&c.Binding.MaxBodyBytes, 1<<20)
	otherwise(&c.Realm, "oathmesh")
	if c.Leeway == NoLeeway {
		c.Leeway = 0
	}
	if c.Keys.StaleIfError == NotAtAll {
		c.Keys.StaleIfError = 0
	}
	if c.Replay == nil {
		c.Replay = replay.Process
	}
	if c.IdentityHeaders == nil {
		c.IdentityHeaders = DefaultIdentityHeaders
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func otherwise[T comparable](value *T, fallback T) {
	var zero T
	if *value == zero {
		*value = fallback
	}
}

// quotable is what RFC 9110 allows inside a quoted string without escaping, ASCII only.
var quotable = regexp.MustCompile(`^[ !#-\[\]-~]*$`)

// check names every faulty field.
func check(c Config) error {
	return errors.Join(checkTrust(c), checkTimes(c), checkBinding(c.Binding), checkAnswers(c))
}

func checkTrust(c Config) error {
	var faults []error
	if c.Audience == "" {
		faults = append(faults, errors.New("Audience: must not be empty"))
	}
	if len(c.Issuers) == 0 || len(c.Issuers) > 32 {
		faults = append(faults, errors.New("Issuers: must be 1 to 32"))
	}
	issuers := make([]string, 0, len(c.Issuers))
	for _, issuer := range c.Issuers {
		issuers = append(issuers, issuer.Issuer)
	}
	switch document := c.Policy.(type) {
	case nil:
		faults = append(faults, errors.New("Policy: required: policy.Rules, policy.Parse or policy.AllowAll"))
	case *policy.Document:
		if err := document.Check(policy.Scope{Audience: c.Audience, Issuers: issuers}); err != nil {
			faults = append(faults, fmt.Errorf("Policy: %w", err))
		}
	}
	return errors.Join(faults...)
}

func checkTimes(c Config) error {
	return errors.Join(
		between("Leeway", c.Leeway, 0, 60*time.Second, time.Second),
		between("MaxLifetime", c.MaxLifetime, time.Second, 300*time.Second, time.Second),
		between("MaxTokenBytes", c.MaxTokenBytes, 256, 65536, 1),
		between("Deadline", c.Deadline, 10*time.Millisecond, 30*time.Second, 1),
		between("Keys.TTL", c.Keys.TTL, time.Second, 24*time.Hour, 1),
		between("Keys.StaleIfError", c.Keys.StaleIfError, 0, 24*time.Hour, 1),
		between("Keys.RefreshCooldown", c.Keys.RefreshCooldown, time.Second, time.Hour, 1),
		between("Keys.Timeout", c.Keys.Timeout, 50*time.Millisecond, 30*time.Second, 1),
	)
}

func between[T int | int64 | time.Duration](field string, value, least, most, unit T) error {
	if value >= least && value <= most && value%unit == 0 {
		return nil
	}
	return fmt.Errorf("%s: must be %v to %v, in steps of %v", field, least, most, unit)
}

func checkBinding(b Binding) error {
	switch {
	case !b.Mode.Known():
		return errors.New("Binding.Mode: must be off, body, method_path_body or strict")
	case b.Required != RequiredNone && b.Required != RequiredUnsafe && b.Required != RequiredAll:
		return errors.New("Binding.Required: must be none, unsafe or all")
	case b.Mode == oathmesh.BindingOff && b.Required != RequiredNone:
		return errors.New("Binding.Mode: must not be off where Binding.Required is set")
	}
	return between("Binding.MaxBodyBytes", b.MaxBodyBytes, 1, 64<<20, 1)
}

func checkAnswers(c Config) error {
	if !quotable.MatchString(c.Realm) {
		return errors.New(`Realm: must be printable ASCII without " and \`)
	}
	for at, name := range c.IdentityHeaders {
		if _, known := identitySources[name]; !known {
			return fmt.Errorf("IdentityHeaders[%d]: %q is none", at, string(name))
		}
	}
	return nil
}
