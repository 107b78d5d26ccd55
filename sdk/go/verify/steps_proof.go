package verify

import (
	"fmt"

	"github.com/oathmesh/oathmesh-go/internal/base64url"
	"github.com/oathmesh/oathmesh-go/internal/keys"
)

// signingKey, step 5: the issuer publishes the key that the header names. Waits only while the issuer's keys
// are not cached. Spec 3.2, 5.
func signingKey(a *attempt) *Denial {
	if a.header.kid == "" {
		return deny("kid_missing", "")
	}
	lookup, err := a.v.keys.Find(a.ctx, a.claims.Issuer, a.header.kid)
	if err != nil {
		return deny("deadline_exceeded", "")
	}
	switch lookup.Found {
	case keys.Present:
		a.key = lookup.Key
		return nil
	case keys.InvalidDocument:
		return deny("jwks_invalid", "")
	case keys.Unreachable:
		return deny("issuer_unreachable", "")
	default:
		return deny("kid_unknown", quoted(a.header.kid))
	}
}

// signature, step 6: it verifies over the bytes as received. RFC 8032, 5.1.7; spec 3.2.
func signature(a *attempt) *Denial {
	bytes, ok := base64url.Decode(a.segments.signature)
	if !ok {
		return deny("signature_encoding", "")
	}
	if !keys.Verify(a.key.Public, []byte(a.segments.input), bytes) {
		return deny("bad_signature", "")
	}
	a.verified = true
	return nil
}

// issuerScope, step 7: the proven issuer is trusted for the proven subject. The protocol asks here whether
// the issuer is still trusted; a verifier's configuration cannot change, so what is left to ask is what the
// issuer may say. Spec 3.2.
func issuerScope(a *attempt) *Denial {
	globs := a.v.issuers[a.claims.Issuer]
	if globs == nil {
		return nil
	}
	for _, matches := range globs {
		if matches(a.claims.Subject) {
			return nil
		}
	}
	return deny("issuer_not_for_subject", quoted(a.claims.Subject))
}

// latestExpiry is 2100-01-01. Far-off times are a sign of milliseconds taken for seconds. Spec 1.3.
const latestExpiry = 4_102_444_800

// expiry, step 8: the token is alive and was never meant to live long. At exactly `exp` plus the leeway it
// is dead. Spec 4.1, 4.3.
func expiry(a *attempt) *Denial {
	iat, exp := a.claims.IssuedAt, a.claims.ExpiresAt
	switch {
	case exp > latestExpiry:
		return deny("exp_out_of_range", fmt.Sprintf("exp %d", exp))
	case exp <= iat:
		return deny("lifetime_not_positive", fmt.Sprintf("iat %d, exp %d", iat, exp))
	case exp-iat > a.v.maxLifetime:
		// Unbounded, one faulty issuer turns a minute-long token into a standing credential.
		return deny("lifetime_too_long", fmt.Sprintf("%d s", exp-iat))
	case float64(exp+a.v.leeway) <= a.now:
		return deny("expired", fmt.Sprintf("exp %d, now %.3f", exp, a.now))
	}
	return nil
}

// issuedAt, step 9: the token was not issued, and does not begin, in the future. Spec 4.1.
func issuedAt(a *attempt) *Denial {
	latest := a.now + float64(a.v.leeway)
	if float64(a.claims.IssuedAt) >= latest {
		return deny("issued_in_future", fmt.Sprintf("iat %d, now %.3f", a.claims.IssuedAt, a.now))
	}
	if float64(a.claims.NotBefore) >= latest {
		return deny("not_yet_valid", fmt.Sprintf("nbf %d, now %.3f", a.claims.NotBefore, a.now))
	}
	return nil
}

// audience, step 10: the token is meant for this API, byte for byte. Spec 3.2.
func audience(a *attempt) *Denial {
	if a.claims.Audience != a.v.config.Audience {
		return deny("audience_mismatch", quoted(a.claims.Audience))
	}
	return nil
}
