package verify

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"regexp"

	oathmesh "github.com/oathmesh/oathmesh-go"
	"github.com/oathmesh/oathmesh-go/replay"
)

var bindingSyntax = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// binding, step 12: a token bound to a request comes with that request, and where binding is required every
// token is bound. A binding that cannot be checked is a mismatch, never ignored. Spec 6.2.
func binding(a *attempt) *Denial {
	hash, settings := a.claims.RequestHash, &a.v.config.Binding
	if settings.Mode == oathmesh.BindingOff {
		if hash != "" && !settings.IgnoreWhenOff {
			return deny("binding_off", "")
		}
		return nil
	}
	if hash == "" {
		return a.unbound(settings)
	}
	if !bindingSyntax.MatchString(hash) {
		return deny("binding_syntax", "")
	}
	body, denial := a.body(settings.MaxBodyBytes)
	if denial != nil {
		return denial
	}
	expected, err := oathmesh.RequestHash(settings.Mode, a.call.Line, body)
	if err != nil {
		return deny("internal_error", err.Error())
	}
	if subtle.ConstantTimeCompare([]byte(hash), []byte(expected)) != 1 {
		return deny("binding_mismatch", "")
	}
	return nil
}

func (a *attempt) unbound(settings *Binding) *Denial {
	if settings.Required == RequiredNone || settings.Required == RequiredUnsafe && a.isSafe(settings.MaxBodyBytes) {
		return nil
	}
	return deny("binding_required", "")
}

// isSafe: a safe method promises nothing about a body, and there are services that act on one all the same.
func (a *attempt) isSafe(maxBytes int64) bool {
	switch a.call.Line.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		body, denial := a.body(maxBytes)
		return denial == nil && len(body) == 0
	}
	return false
}

func (a *attempt) body(maxBytes int64) ([]byte, *Denial) {
	if a.call.Body == nil {
		return nil, nil
	}
	body, err := a.call.Body(a.ctx, maxBytes)
	switch {
	case errors.Is(err, ErrBodyOverLimit), err == nil && int64(len(body)) > maxBytes:
		return nil, deny("body_over_limit", "")
	case a.ctx.Err() != nil:
		return nil, deny("deadline_exceeded", "")
	case err != nil:
		return nil, deny("body_unreadable", "")
	}
	return body, nil
}

// revocation, step 13, first half: the subject has not been revoked. One question to the store answers this
// and the next step: a second round trip would cost every call. Spec 8.
func revocation(a *attempt) *Denial {
	claims := &a.claims
	outcome, err := a.v.config.Replay.Claim(a.ctx, replay.Use{
		Issuer: claims.Issuer, TokenID: claims.ID, Subject: claims.Subject, IssuedAt: claims.IssuedAt,
		AcceptableUntil: claims.ExpiresAt + a.v.leeway, Leeway: a.v.leeway,
		Token: a.token, Realm: a.v.realm,
	}, a.now)
	if err != nil {
		return deny("deadline_exceeded", "")
	}
	a.use = outcome
	if outcome == replay.Revoked {
		return deny("subject_revoked", "")
	}
	return nil
}

// replayed, step 13, second half: the token has not been used before. What the store could not find out is a
// refusal of its own and never reported as a replay. Spec 7.
func replayed(a *attempt) *Denial {
	switch a.use {
	case replay.Fresh, replay.KnownGood:
		return nil
	case replay.Seen:
		return deny("jti_replay", "")
	case replay.HistoryUnknown:
		return deny("replay_history_unknown", "")
	case replay.Full:
		return deny("replay_store_full", "")
	case replay.Unavailable:
		return deny("replay_store_unavailable", "")
	default:
		return deny("internal_error", "")
	}
}

// decidePolicy, step 14, first half: policy allows the proven claims. Spec 9.
func decidePolicy(a *attempt) *Denial {
	decision := a.v.config.Policy.Decide(&a.claims)
	if decision.Unavailable {
		return deny("policy_not_loaded", "")
	}
	a.rule = decision.Rule
	if decision.Allow {
		return nil
	}
	denial := deny("policy", "")
	denial.Rule = decision.Rule
	return denial
}

// requirements, step 14, second half: the declared action and scopes are those that this request requires.
// With policy alone, a token for reading could delete.
func requirements(a *attempt) *Denial {
	if reason := a.v.requirements.check(&a.claims, &a.call.Line); reason != "" {
		return deny(reason, "")
	}
	return nil
}
