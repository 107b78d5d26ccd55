package policy

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	oathmesh "github.com/oathmesh/oathmesh-go"
)

func TestGlobs(t *testing.T) {
	for _, one := range []struct {
		pattern, text string
		want          bool
	}{
		{"a", "a", true}, {"a", "A", false}, {"*", "", true}, {"a*", "a", true}, {"a*", "ba", false},
		{"*a", "ba", true}, {"a*b*c", "a--b--c", true}, {"a*b*c", "acb", false}, {"ab*ba", "aba", false},
		{"a**c", "abc", true}, {"repo/*", "repo/a/b", true}, {"*a*a*", "a", false}, {"*é*", "xéy", true}, {"a.c", "abc", false},
	} {
		if got := Glob(one.pattern)(one.text); got != one.want {
			t.Errorf("%q %q: %v", one.pattern, one.text, got)
		}
	}
	// A backtracking matcher would take years.
	if Glob(strings.Repeat("a*", 500) + "b")(strings.Repeat("a", 100_000)) {
		t.Error("matches")
	}
}

// The index gives what asking rule by rule gives.
func TestTheIndexDecidesAsTheOrderDoes(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	pick := func(texts ...string) string { return texts[random.Intn(len(texts))] }
	for round := 0; round < 300; round++ {
		var rules []Rule
		for at := 0; at < 1+random.Intn(20); at++ {
			rules = append(rules, Rule{Name: fmt.Sprint("r", at), Allow: random.Intn(2) == 0, Match: Match{
				Subject: pick("", "svc://a*", "svc://*", "svc://ab", "*b"), Action: pick("", "read", "re*", "*"), Tenant: pick("", "*", "t"),
				Issuer: "*",
			}})
		}
		index, err := compileRules(rules)
		if err != nil {
			t.Fatal(err)
		}
		for call := 0; call < 30; call++ {
			claims := &oathmesh.Claims{Subject: pick("svc://a", "svc://ab", "svc://b"), Action: pick("read", "write"), Tenant: pick("", "t"), Issuer: "i"}
			want := Decision{Rule: DefaultRule}
			for at := range index.rules {
				if index.rules[at].matches(claims) {
					want = index.rules[at].decision
					break
				}
			}
			if got := index.Decide(claims); got != want {
				t.Fatalf("%+v: %+v, want %+v", claims, got, want)
			}
		}
	}
}

func document(rules string) []byte {
	return []byte(`{"version":1,"issuers":["https://i.test"],"audiences":["api"],"rules":[` + rules + `]}`)
}

const last = `{"name":"default","allow":false}`

func TestADocumentDecides(t *testing.T) {
	parsed, err := Parse(document(`{"ruleName":"ci","allow":true,"match":{"sub":"agent://*","scope":["a"],"src":{"repo":"acme/*"}}},` + last))
	if err != nil {
		t.Fatal(err)
	}
	claims := oathmesh.Claims{Issuer: "https://i.test", Audience: "api", Subject: "agent://x", Scope: []string{"a", "b"}, Source: &oathmesh.Source{Repo: "acme/shop"}}
	if got := parsed.Decide(&claims); got != (Decision{Allow: true, Rule: "ci"}) {
		t.Errorf("%+v", got)
	}
	for name, change := range map[string]func(*oathmesh.Claims){
		"another issuer":   func(c *oathmesh.Claims) { c.Issuer = "https://j.test" },
		"another audience": func(c *oathmesh.Claims) { c.Audience = "apis" },
		"no source":        func(c *oathmesh.Claims) { c.Source = nil },
		"a scope less":     func(c *oathmesh.Claims) { c.Scope = []string{"b"} },
	} {
		changed := claims
		change(&changed)
		if got := parsed.Decide(&changed); got != (Decision{Rule: "default"}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if err := parsed.Check(Scope{"api", []string{"https://i.test"}}); err != nil {
		t.Error(err)
	}
	if err := parsed.Check(Scope{"api", nil}); err == nil {
		t.Error("a foreign issuer passes")
	}
}

func TestDocumentsThatAreRefused(t *testing.T) {
	for want, text := range map[string][]byte{
		"not JSON":                 []byte(`{"version":1,}`),
		"duplicate member name":    []byte(`{"version":1,"version":1}`),
		"invalid UTF-8":            []byte("\xff"),
		"unknown member \"extra\"": []byte(`{"version":1,"extra":1}`),
		"version":                  []byte(`{"version":2,"issuers":["i"],"audiences":["a"],"rules":[` + last + `]}`),
		"issuers":                  []byte(`{"version":1,"issuers":[],"audiences":["a"],"rules":[` + last + `]}`),
		"audiences":                []byte(`{"version":1,"issuers":["i"],"audiences":["a","a"],"rules":[` + last + `]}`),
		"rules: must be":           document(""),
		"the last rule must":       document(`{"name":"a","allow":false}`),
		"must be the last one":     document(last + `,{"name":"a","allow":false},` + last),
		"must deny":                document(`{"name":"default","allow":true,"match":{"sub":"*"}}`),
		"takes no match":           document(`{"name":"default","allow":false,"match":{"sub":"*"}}`),
		"must say what":            document(`{"name":"a","allow":true},` + last),
		"already names":            document(`{"name":"a","allow":false},{"name":"a","allow":false},` + last),
		"rules[0]: unknown":        document(`{"name":"a","alow":true},` + last),
		"rules[0].match: unknown":  document(`{"name":"a","allow":true,"match":{"subject":"x"}},` + last),
		"rules[0].match.sub":       document(`{"name":"a","allow":true,"match":{"sub":""}},` + last),
		"rules[0].match.scope":     document(`{"name":"a","allow":true,"match":{"scope":[]}},` + last),
		"rules[0].match.src: must": document(`{"name":"a","allow":true,"match":{"src":{}}},` + last),
		"either":                   document(`{"name":"a","ruleName":"b","allow":false},` + last),
		"rules[0].allow":           document(`{"name":"a","allow":1},` + last),
		"denyReason":               document(`{"name":"a","allow":false,"denyReason":""},` + last),
		"control":                  document(`{"name":"a\u0085","allow":false},` + last),
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	deep := append([]byte(strings.Repeat("[", 4<<20)), strings.Repeat("]", 4<<20)...)
	if _, err := Parse(deep); err == nil || !strings.Contains(err.Error(), "nested too deeply") {
		t.Errorf("%v", err)
	}
}

func TestTenThousandRulesAreFoundThrough(t *testing.T) {
	rules := make([]Rule, 10_000)
	for at := range rules {
		rules[at] = Rule{Name: fmt.Sprint(at), Allow: true, Match: Match{Subject: fmt.Sprintf("svc://caller-%d", at), Action: "read"}}
	}
	compiled, err := Rules(rules)
	if err != nil {
		t.Fatal(err)
	}
	claims := &oathmesh.Claims{Subject: "svc://caller-9999", Action: "read"}
	if got := compiled.Decide(claims); got.Rule != "9999" {
		t.Errorf("%+v", got)
	}
}
