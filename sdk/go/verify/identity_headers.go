package verify

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	oathmesh "github.com/oathmesh/oathmesh-go"
	"github.com/oathmesh/oathmesh-go/internal/strictjson"
)

// IdentityHeader is one of the headers in which the next handler gets who called.
type IdentityHeader string

// The headers, X-OathMesh-Subject and so on. A claim that the token lacks gives no header.
const (
	HeaderSubject     IdentityHeader = "subject"
	HeaderAction      IdentityHeader = "action"
	HeaderTokenID     IdentityHeader = "token_id"
	HeaderIssuer      IdentityHeader = "issuer"
	HeaderEnv         IdentityHeader = "env"
	HeaderTenant      IdentityHeader = "tenant"
	HeaderScope       IdentityHeader = "scope"
	HeaderSource      IdentityHeader = "source"
	HeaderDelegatedBy IdentityHeader = "delegated_by"
	HeaderExpiresAt   IdentityHeader = "expires_at"
	HeaderReason      IdentityHeader = "reason"
)

// DefaultIdentityHeaders are those that gateways set, too.
var DefaultIdentityHeaders = []IdentityHeader{HeaderSubject, HeaderAction, HeaderIssuer, HeaderTokenID}

// decisionHeader says on every request that passes that a verifier has decided.
const decisionHeader = "X-OathMesh-Decision"

type identitySource struct {
	header string
	value  func(*oathmesh.Claims) string
}

var identitySources = map[IdentityHeader]identitySource{
	HeaderSubject:     {"X-OathMesh-Subject", func(c *oathmesh.Claims) string { return c.Subject }},
	HeaderAction:      {"X-OathMesh-Action", func(c *oathmesh.Claims) string { return c.Action }},
	HeaderTokenID:     {"X-OathMesh-Token-ID", func(c *oathmesh.Claims) string { return c.ID }},
	HeaderIssuer:      {"X-OathMesh-Issuer", func(c *oathmesh.Claims) string { return c.Issuer }},
	HeaderEnv:         {"X-OathMesh-Env", func(c *oathmesh.Claims) string { return c.Env }},
	HeaderTenant:      {"X-OathMesh-Tenant", func(c *oathmesh.Claims) string { return c.Tenant }},
	HeaderScope:       {"X-OathMesh-Scope", scopeText},
	HeaderSource:      {"X-OathMesh-Source", sourceText},
	HeaderDelegatedBy: {"X-OathMesh-Delegated-By", func(c *oathmesh.Claims) string { return c.DelegatedBy }},
	HeaderExpiresAt:   {"X-OathMesh-Expires-At", func(c *oathmesh.Claims) string { return strconv.FormatInt(c.ExpiresAt, 10) }},
	HeaderReason:      {"X-OathMesh-Reason", func(c *oathmesh.Claims) string { return c.Reason }},
}

// setIdentity puts the identity of a verified caller into the headers, under the names in the form that
// net/http gives to received headers.
func setIdentity(header http.Header, caller *Caller, wanted []IdentityHeader) {
	for _, name := range wanted {
		source := identitySources[name]
		text := source.value(&caller.Claims)
		if name != HeaderScope && name != HeaderSource {
			text = percentEncode(text)
		}
		if text != "" {
			header.Set(source.header, text)
		}
	}
	header.Set(decisionHeader, "allow")
}

// percentEncode makes a header value of a claim: printable ASCII as it is, every other byte and `%`
// percent-encoded, so that no claim can end a header or smuggle one in, and decoding gives the claim back.
// RFC 3986, 2.1.
func percentEncode(text string) string {
	var out strings.Builder
	text = strictjson.WellFormed(text)
	for at := 0; at < len(text); at++ {
		if c := text[at]; c > 0x20 && c < 0x7f && c != '%' {
			out.WriteByte(c)
		} else {
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	return out.String()
}

// isOurs: an upstream could read this header as set by us, since CGI servers fold `_` into `-`.
func isOurs(name string) bool {
	name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
	return name == "authorization" || strings.HasPrefix(name, "x-oathmesh-")
}

// strip removes what a client sent under names that are ours, its token included.
func strip(header http.Header) {
	for name := range header {
		if isOurs(name) {
			delete(header, name)
		}
	}
}

// scopeText puts a space between names, so a space within one is encoded.
func scopeText(claims *oathmesh.Claims) string {
	var names []string
	for _, name := range claims.Scope {
		if name != "" {
			names = append(names, percentEncode(name))
		}
	}
	return strings.Join(names, " ")
}

// sourceText is `type:repo:workflow`. What is missing leaves its place empty, and a colon inside of one is
// encoded, so that no two sources give the same text.
func sourceText(claims *oathmesh.Claims) string {
	if claims.Source == nil {
		return ""
	}
	places := []string{claims.Source.Type, claims.Source.Repo, claims.Source.Workflow}
	for at, place := range places {
		places[at] = strings.ReplaceAll(percentEncode(place), ":", "%3A")
	}
	return strings.TrimRight(strings.Join(places, ":"), ":")
}
