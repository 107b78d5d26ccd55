package verify

import (
	"regexp"

	oathmesh "github.com/oathmesh/oathmesh-go"
	"github.com/oathmesh/oathmesh-go/internal/strictjson"
)

// header is the members of a JOSE header that verification looks at. Embedded keys (`jwk`, `jku`, `x5c`,
// `x5u`) are never read. RFC 7515, 4.1.
type header struct {
	typ, alg, kid string
	// Whether `crit` is there in any form.
	critical bool
}

func readHeader(text []byte) (header, error) {
	object, err := parseObject(text)
	if err != nil {
		return header{}, err
	}
	read := header{critical: object.Has("crit")}
	err = readTexts(object, map[string]*string{"typ": &read.typ, "alg": &read.alg, "kid": &read.kid})
	return read, err
}

// readPayload shapes a payload; unknown claims are left out. It fails for a known claim of another type, an
// `aud` list included. Spec 1.3.
func readPayload(text []byte) (oathmesh.Claims, error) {
	object, err := parseObject(text)
	if err != nil {
		return oathmesh.Claims{}, err
	}
	var claims oathmesh.Claims
	if err := readTexts(object, map[string]*string{
		"iss": &claims.Issuer, "sub": &claims.Subject, "aud": &claims.Audience, "act": &claims.Action,
		"jti": &claims.ID, "reason": &claims.Reason, "delegated_by": &claims.DelegatedBy,
		"env": &claims.Env, "tenant": &claims.Tenant, "rqh": &claims.RequestHash,
	}); err != nil {
		return claims, err
	}
	for name, into := range map[string]*int64{
		"iat": &claims.IssuedAt, "exp": &claims.ExpiresAt, "nbf": &claims.NotBefore,
	} {
		if *into, err = object.Seconds(name); err != nil {
			return claims, err
		}
	}
	if claims.Scope, err = object.Texts("scope"); err != nil {
		return claims, err
	}
	claims.Source, err = readSource(object)
	return claims, err
}

func readSource(object strictjson.Object) (*oathmesh.Source, error) {
	members, err := object.Object("src")
	if err != nil || members == nil {
		return nil, err
	}
	var source oathmesh.Source
	return &source, readTexts(members, map[string]*string{
		"type": &source.Type, "repo": &source.Repo, "workflow": &source.Workflow,
		"run_id": &source.RunID, "sha": &source.SHA,
	})
}

func parseObject(text []byte) (strictjson.Object, error) {
	value, err := strictjson.Parse(text)
	if err != nil {
		return nil, err
	}
	return strictjson.AsObject(value)
}

func readTexts(object strictjson.Object, into map[string]*string) (err error) {
	for name, target := range into {
		if *target, err = object.Text(name); err != nil {
			return err
		}
	}
	return nil
}

var subjectGrammar = regexp.MustCompile(`^(?:agent|svc|job|tool|user)://[a-zA-Z0-9/_.-]{1,256}$`)

// isSubject reports whether `sub` has the one form that issuers may mint and verifiers accept. Spec 1.4.
func isSubject(text string) bool { return subjectGrammar.MatchString(text) }
