package verify

import "net/http"

// Reason is the stable word for one cause of refusal, as audit lines have it. `policy` is followed there by
// `:` and the name of the rule.
type Reason string

type refusal struct {
	code    string
	status  int
	message string
	fix     string
}

const (
	fixMint      = "Mint a new token and send it once."
	malformed    = "The token is not a well-formed om+jwt."
	fixFormat    = "Mint the token with an OathMesh issuer, CLI or SDK and send it unchanged."
	untrusted    = "The token was not issued by an issuer this API trusts."
	fixTrust     = "Use an issuer that the operator of this API has configured, and a key it publishes."
	fixAlgorithm = "Sign with EdDSA over Ed25519 and a key published for it."
	fixHeader    = `Send exactly one header "Authorization: OathMesh <token>".`
	fixRetry     = "Retry after the time in Retry-After; mint a new token if this one has expired."
	fixBinding   = "Compute rqh over this exact request, in the mode this API uses, and mint again."
)

func claimMissing(name string) refusal {
	return refusal{"claim_missing:" + name, http.StatusUnauthorized,
		`The token lacks the required claim "` + name + `".`, `Mint the token with a non-empty "` + name + `".`}
}

// refusals is the one table: what a caller, an operator and a log line each get to know. Texts are
// constants, so that no claim value, URL or driver message ever reaches a client. Spec 3.3.
var refusals = map[Reason]refusal{
	// Before step 1: the header
	"authorization_missing":   {"claim_missing:token", 401, "The request carries no OathMesh token.", fixHeader},
	"authorization_ambiguous": {"claim_missing:token", 401, "The request carries more than one Authorization value.", fixHeader},
	"scheme_unsupported":      {"claim_missing:token", 401, "The Authorization scheme is not OathMesh.", fixHeader},
	"hop_by_hop_identity":     {"verification_failed", 400, "The Connection header names an identity header.", "Remove authorization, x-oathmesh-* and consumer headers from the Connection header."},

	// Steps 1–3: the token
	"token_too_long":   {"token_malformed", 401, "The token is longer than this API accepts.", "Mint a token with fewer or shorter claims."},
	"segment_count":    {"token_malformed", 401, malformed, fixFormat},
	"header_encoding":  {"token_malformed", 401, malformed, fixFormat},
	"header_json":      {"token_malformed", 401, malformed, fixFormat},
	"alg_none":         {"algorithm_not_allowed", 401, "Unsigned tokens are not accepted.", fixAlgorithm},
	"alg_unsupported":  {"algorithm_not_allowed", 401, "The signature algorithm is not accepted.", fixAlgorithm},
	"typ_mismatch":     {"token_malformed", 401, "The token type is not om+jwt.", fixFormat},
	"crit_present":     {"token_malformed", 401, "The token uses a critical header extension.", fixFormat},
	"payload_encoding": {"token_malformed", 401, malformed, fixFormat},
	"payload_json":     {"token_malformed", 401, malformed, fixFormat},

	// Steps 4, 11, 5–7: who signed it
	"issuer_unknown":         {"issuer_untrusted", 401, untrusted, fixTrust},
	"sub_missing":            claimMissing("sub"),
	"aud_missing":            claimMissing("aud"),
	"act_missing":            claimMissing("act"),
	"iat_missing":            claimMissing("iat"),
	"exp_missing":            claimMissing("exp"),
	"jti_missing":            claimMissing("jti"),
	"subject_grammar":        {"claim_missing:sub", 401, "The subject is not of the form scheme://name.", "Use agent://, svc://, job://, tool:// or user:// and the characters A–Z a–z 0–9 / _ . -"},
	"kid_missing":            {"issuer_untrusted", 401, untrusted, fixTrust},
	"kid_unknown":            {"issuer_untrusted", 401, untrusted, fixTrust},
	"jwks_invalid":           {"issuer_untrusted", 401, untrusted, fixTrust},
	"issuer_unreachable":     {"verification_failed", 503, "The keys of the issuer are not available.", fixRetry},
	"signature_encoding":     {"signature_invalid", 401, "The signature does not verify.", fixFormat},
	"bad_signature":          {"signature_invalid", 401, "The signature does not verify.", fixFormat},
	"issuer_not_for_subject": {"issuer_untrusted", 401, "The issuer is not trusted for this subject.", fixTrust},

	// Steps 8–10, 12: is it meant for this moment, this API, this request
	"exp_out_of_range":      {"token_expired", 401, "The token lives longer than this API accepts.", "Mint a token that lives at most five minutes."},
	"lifetime_too_long":     {"token_expired", 401, "The token lives longer than this API accepts.", "Mint a token that lives at most five minutes."},
	"lifetime_not_positive": {"token_expired", 401, "The token expires before it was issued.", fixMint},
	"expired":               {"token_expired", 401, "The token has expired.", fixMint},
	"issued_in_future":      {"token_expired", 401, "The token was issued in the future.", "Synchronise the clock of the issuer, then mint a new token."},
	"not_yet_valid":         {"token_expired", 401, "The token is not valid yet.", "Wait until its nbf, or synchronise the clock of the issuer."},
	"audience_mismatch":     {"audience_mismatch", 401, "The token is meant for another audience.", "Mint the token for the audience of this API."},
	"binding_required":      {"binding_required", 401, "This API accepts only tokens bound to the request.", "Mint the token with rqh for this request."},
	"binding_mismatch":      {"binding_mismatch", 401, "The token is bound to another request.", fixBinding},
	"binding_syntax":        {"binding_mismatch", 401, "The request binding of the token is malformed.", fixBinding},
	"binding_off":           {"binding_mismatch", 401, "This API cannot check the request binding of the token.", "Mint the token without rqh, or ask the operator to switch request binding on."},
	"body_unreadable":       {"binding_mismatch", 401, "The request body could not be read for the binding.", fixBinding},
	"body_over_limit":       {"binding_mismatch", 413, "The request body is larger than this API binds.", "Send a smaller body, or a token without rqh where binding is not required."},

	// Step 13: may it still be used
	"subject_revoked":          {"subject_revoked", 403, "The subject has been revoked.", "Ask the operator of this API to lift the revocation."},
	"jti_replay":               {"replay_detected", 401, "The token has been used before.", fixMint},
	"replay_history_unknown":   {"verification_failed", 401, "Whether the token has been used before is not known.", fixMint},
	"replay_store_full":        {"verification_failed", 503, "The token cannot be checked for replay now.", fixRetry},
	"replay_store_unavailable": {"verification_failed", 503, "The token cannot be checked for replay now.", fixRetry},

	// Step 14: may it do this
	"policy":            {"policy_denied", 403, "Policy does not allow this call.", "Ask the operator of this API for a rule that allows it."},
	"policy_not_loaded": {"verification_failed", 503, "The policy of this API is not available.", fixRetry},
	"action_mismatch":   {"policy_denied", 403, "The action of the token does not fit this request.", "Mint the token for the action that this route requires."},
	"scope_missing":     {"policy_denied", 403, "The token lacks a scope that this request requires.", "Mint the token with the scopes that this route requires."},

	// Any step
	"deadline_exceeded": {"verification_failed", 503, "The token could not be verified in time.", fixRetry},
	"internal_error":    {"verification_failed", 401, "The token could not be verified.", "Mint a new token; if that does not help, give the operator the request_id."},
}
