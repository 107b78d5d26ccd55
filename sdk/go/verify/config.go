package verify

import (
	"context"
	"crypto/x509"
	"log/slog"
	"time"

	oathmesh "github.com/oathmesh/oathmesh-go"
	"github.com/oathmesh/oathmesh-go/policy"
	"github.com/oathmesh/oathmesh-go/replay"
)

// Config is what a verifier verifies against. Audience, Issuers and Policy have no defaults; every other
// zero value means what its comment says.
type Config struct {
	// Audience is the one accepted `aud`, compared byte for byte.
	Audience string
	// Issuers that are trusted, 1 to 32. Each one's tokens verify against that issuer's keys alone.
	Issuers []Issuer
	// Policy says who may do what: policy.Rules, policy.Parse or policy.AllowAll.
	Policy policy.Policy
	// Replay keeps tokens from being used twice; nil means replay.Process, which defends this process alone.
	// Share a Redis (package redisreplay) with the other processes and gateways of the audience.
	Replay replay.Store
	// Require ties actions and scopes to requests.
	Require Require
	// Binding of tokens to requests; the zero value is off.
	Binding Binding
	// AcceptBearer accepts `Authorization: Bearer <token>` as well.
	AcceptBearer bool
	// Leeway is the clock skew granted to issuers, whole seconds up to 60 s; 0 means 30 s, NoLeeway none.
	Leeway time.Duration
	// MaxLifetime is the longest accepted `exp - iat`, whole seconds, 1 s to 300 s; 0 means 300 s.
	MaxLifetime time.Duration
	// MaxTokenBytes is the longest accepted token, 256 to 65536 bytes; 0 means 8192.
	MaxTokenBytes int
	// Deadline bounds one verification, waiting for keys, stores and bodies included, 10 ms to 30 s; 0 means 1 s.
	Deadline time.Duration
	// Keys says how the issuers' JWK sets are fetched and kept.
	Keys Keys
	// Name keeps what this verifier has seen apart from others of the same audience in this process.
	Name string

	// Realm of `WWW-Authenticate`, printable ASCII without `"` and `\`; empty means `oathmesh`.
	Realm string
	// MinimalChallenge leaves out of a 401 which issuer, audience and binding a caller should mint for.
	MinimalChallenge bool
	// IdentityHeaders that Handler gives to the next handler; nil means DefaultIdentityHeaders.
	IdentityHeaders []IdentityHeader

	// Logger hears what an operator should know; nil means slog.Default.
	Logger *slog.Logger
	// OnDecision is told of every decision, for an audit line.
	OnDecision func(ctx context.Context, decision Decision)
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// NoLeeway as Config.Leeway grants no clock skew.
const NoLeeway time.Duration = -1

// NotAtAll as Keys.StaleIfError: keys are never used beyond their lifetime.
const NotAtAll time.Duration = -1

// Issuer is one that is trusted.
type Issuer struct {
	// Issuer is compared byte for byte with `iss`.
	Issuer string
	// JWKSURI is where its keys are; empty means {issuer}/.well-known/jwks.json.
	JWKSURI string
	// JWKS is a JWK set as JSON text; then nothing is fetched.
	JWKS string
	// Subjects are globs of the subjects this issuer may speak for; nil means all.
	Subjects []string
}

// Keys says how JWK sets are fetched and kept.
type Keys struct {
	// TTL: a fetched set is fresh for this long; 0 means 60 s. A withdrawn key is accepted for at most this
	// long while the issuer is reachable.
	TTL time.Duration
	// StaleIfError: the last good set serves this much longer while the issuer is away; 0 means 600 s,
	// NotAtAll refuses at once.
	StaleIfError time.Duration
	// RefreshCooldown: one refresh in this time for unknown key ids, with a burst of two; 0 means 30 s.
	RefreshCooldown time.Duration
	// Timeout bounds one whole fetch; 0 means 5 s.
	Timeout time.Duration
	// AllowHTTP accepts http URLs. For development: whoever is on the path can then replace the keys.
	AllowHTTP bool
	// RootCAs are the authorities that servers of JWK sets may have; nil means the system's.
	RootCAs *x509.CertPool
}

// BindingRequired says which requests must carry `rqh`.
type BindingRequired string

const (
	// RequiredNone: no request must.
	RequiredNone BindingRequired = "none"
	// RequiredUnsafe: all but GET, HEAD and OPTIONS without a body must.
	RequiredUnsafe BindingRequired = "unsafe"
	// RequiredAll: every request must.
	RequiredAll BindingRequired = "all"
)

// Binding of tokens to requests, by `rqh`. Spec 6.
type Binding struct {
	// Mode in which `rqh` is checked; empty means oathmesh.BindingOff, recommended is oathmesh.BindingStrict.
	Mode oathmesh.BindingMode
	// Required says which requests must carry it; empty means RequiredNone.
	Required BindingRequired
	// MaxBodyBytes that are read into memory for the hash; a longer body is refused with 413. 0 means 1 MiB.
	MaxBodyBytes int64
	// IgnoreWhenOff lets a token with `rqh` pass unchecked while Mode is off.
	IgnoreWhenOff bool
}

// Decision is how one call was decided, for an audit line. The claims of a call that was refused are only
// what its caller wrote, unless Verified.
type Decision struct {
	// Denial is nil when the call was allowed.
	Denial *Denial
	// Claims as far as they could be read.
	Claims oathmesh.Claims
	KeyID  string
	Rule   string
	// Verified: the signature has been verified.
	Verified bool
	// Degraded: the replay store was away.
	Degraded bool
	// At is the clock reading the decision is based on.
	At      time.Time
	Elapsed time.Duration
}
