package verify

import (
	"context"
	"strings"

	oathmesh "github.com/oathmesh/oathmesh-go"
	"github.com/oathmesh/oathmesh-go/internal/keys"
	"github.com/oathmesh/oathmesh-go/replay"
)

// attempt is one verification of one call. A step reads what earlier steps have found and records its own
// finding.
type attempt struct {
	ctx  context.Context
	call *Call
	v    *Verifier
	// Unix seconds with a fraction: the only clock reading of this call.
	now float64

	token    string
	segments segments
	header   header
	claims   oathmesh.Claims
	key      *keys.Key
	// From then on the claims are proven.
	verified bool
	use      replay.Outcome
	rule     string
}

// step is one check: nil when the call passes it.
type step struct {
	// The protocol's number; 0 for what is checked before the token is looked at. Spec 3.1.
	label int
	name  string
	run   func(*attempt) *Denial
}

// steps in order of execution. Labels are the protocol's numbers and need not ascend. Spec 3.1.
var steps = []step{
	{0, "credentials", credentials},
	{1, "structure", structure},
	{2, "algorithm", algorithm},
	{3, "payload", payload},
	{4, "trusted issuer", trustedIssuer},
	{11, "required claims", requiredClaims},
	{11, "subject", subject},
	{5, "signing key", signingKey},
	{6, "signature", signature},
	{7, "issuer scope", issuerScope},
	{8, "expiry", expiry},
	{9, "issued at", issuedAt},
	{10, "audience", audience},
	{12, "binding", binding},
	{13, "revocation", revocation},
	{13, "replay", replayed},
	{14, "policy", decidePolicy},
	{14, "requirements", requirements},
}

// run stops at the first refusal. A fault of ours, a panic included, refuses like any other.
func (a *attempt) run() (denial *Denial) {
	label := 0
	defer func() {
		if fault := recover(); fault != nil {
			a.v.reportPanic(fault)
			denial = deny("internal_error", "")
		}
		if denial != nil {
			denial.Step = label
		}
	}()
	for at := range steps {
		label = steps[at].label
		if denial := steps[at].run(a); denial != nil {
			return denial
		}
	}
	return nil
}

// segments are the three parts of a JWS in compact serialization, still encoded. RFC 7515, 3.1.
type segments struct {
	header, payload, signature string
	// What was signed: the first two parts and the dot between them, exactly as received.
	input string
}

func splitToken(token string) (segments, bool) {
	first := strings.IndexByte(token, '.')
	last := strings.LastIndexByte(token, '.')
	if strings.Count(token, ".") != 2 {
		return segments{}, false
	}
	return segments{token[:first], token[first+1 : last], token[last+1:], token[:last]}, true
}
