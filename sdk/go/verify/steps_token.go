package verify

import (
	"slices"
	"strings"

	"github.com/oathmesh/oathmesh-go/internal/base64url"
)

// credentials, before step 1: exactly one Authorization with the scheme OathMesh (or Bearer where opted in),
// and a Connection that leaves identity headers alone. RFC 9110, 11.4; spec 2.
func credentials(a *attempt) *Denial {
	for _, value := range a.call.Connection {
		// Whatever proxies the request on drops headers named here after the identity headers have been set.
		if namesIdentity(value) {
			return deny("hop_by_hop_identity", "")
		}
	}
	if len(a.call.Authorization) == 0 || trim(a.call.Authorization[0]) == "" {
		return deny("authorization_missing", "")
	}
	value := a.call.Authorization[0]
	// A proxy may have joined two headers with a comma; neither a scheme nor a token holds one.
	if len(a.call.Authorization) > 1 || strings.Contains(value, ",") {
		return deny("authorization_ambiguous", "")
	}
	scheme, token := splitOnce(trim(value))
	if !a.v.accepts(scheme) {
		return deny("scheme_unsupported", "")
	}
	if token == "" {
		return deny("authorization_missing", "")
	}
	a.token = token
	return nil
}

// namesIdentity: whatever cannot be part of a header's name separates names, quotes and semicolons included.
// RFC 9110, 5.6.2.
func namesIdentity(connection string) bool {
	names := strings.FieldsFunc(connection, func(r rune) bool {
		return r >= 0x80 || !isTokenChar(byte(r))
	})
	return slices.ContainsFunc(names, isOurs)
}

func isTokenChar(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("!#$%&'*+.^_`|~-", c) >= 0
}

func splitOnce(value string) (string, string) {
	end := strings.IndexAny(value, " \t")
	if end < 0 {
		return value, ""
	}
	return value[:end], trim(value[end:])
}

func (v *Verifier) accepts(scheme string) bool {
	name := strings.ToLower(scheme)
	return name == "oathmesh" || v.config.AcceptBearer && name == "bearer"
}

// trim drops what ECMAScript's trim drops.
func trim(text string) string {
	return strings.TrimFunc(text, isSpace)
}

// structure, step 1: the token is short enough to be looked at and has three parts. Spec 1.5, 3.2.
func structure(a *attempt) *Denial {
	// Before any decoding: what follows costs time and memory in proportion to the length.
	if len(a.token) > a.v.config.MaxTokenBytes {
		return deny("token_too_long", "")
	}
	parts, ok := splitToken(a.token)
	if !ok {
		return deny("segment_count", "")
	}
	a.segments = parts
	return nil
}

// algorithm, step 2: the header is a well-formed om+jwt header that asks for EdDSA and for nothing we do not
// understand. Spec 1.2, 3.2.
func algorithm(a *attempt) *Denial {
	text, ok := base64url.Decode(a.segments.header)
	if !ok {
		return deny("header_encoding", "")
	}
	header, err := readHeader(text)
	if err != nil {
		return deny("header_json", err.Error())
	}
	a.header = header
	switch {
	case strings.EqualFold(header.alg, "none"):
		return deny("alg_none", "")
	case header.alg != "EdDSA":
		return deny("alg_unsupported", quoted(header.alg))
	case header.typ != "om+jwt":
		return deny("typ_mismatch", quoted(header.typ))
	case header.critical:
		// RFC 7515, 4.1.11: whoever does not understand a critical extension must refuse.
		return deny("crit_present", "")
	}
	return nil
}

// payload, step 3: the payload is JSON of the right types. Spec 1.3, 1.5.
func payload(a *attempt) *Denial {
	text, ok := base64url.Decode(a.segments.payload)
	if !ok {
		return deny("payload_encoding", "")
	}
	claims, err := readPayload(text)
	if err != nil {
		return deny("payload_json", err.Error())
	}
	a.claims = claims
	return nil
}

// trustedIssuer, step 4: the token names an issuer of the configuration, byte for byte. The claim is not
// proven yet; it only selects whose keys may prove it. Spec 3.2.
func trustedIssuer(a *attempt) *Denial {
	if _, trusted := a.v.issuers[a.claims.Issuer]; !trusted {
		return deny("issuer_unknown", quoted(a.claims.Issuer))
	}
	return nil
}

// requiredClaims, step 11: every required claim is there; the first missing one is reported. Spec 1.3, 3.2.
func requiredClaims(a *attempt) *Denial {
	claims := &a.claims
	for _, required := range [...]struct {
		missing bool
		reason  Reason
	}{
		{claims.Subject == "", "sub_missing"},
		{claims.Audience == "", "aud_missing"},
		{claims.Action == "", "act_missing"},
		{claims.IssuedAt == 0, "iat_missing"},
		{claims.ExpiresAt == 0, "exp_missing"},
		{claims.ID == "", "jti_missing"},
	} {
		if required.missing {
			return deny(required.reason, "")
		}
	}
	return nil
}

// subject, step 11, second half: `sub` has the subject grammar. Spec 1.4.
func subject(a *attempt) *Denial {
	if !isSubject(a.claims.Subject) {
		return deny("subject_grammar", quoted(a.claims.Subject))
	}
	return nil
}
