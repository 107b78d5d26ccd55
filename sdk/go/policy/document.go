package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	oathmesh "github.com/oathmesh/oathmesh-go"
	"github.com/oathmesh/oathmesh-go/internal/strictjson"
)

// Far more than ten thousand rules need.
const maxDocumentBytes = 8 << 20

// Scope is what a verifier accepts, which a document has to agree with.
type Scope struct {
	Audience string
	Issuers  []string
}

// Document is a policy that is a file of its own, in the JSON form that gateways read (`policy.schema.json`,
// version 1). It denies by `default` what comes from another issuer or is meant for another audience than
// those it is written for.
type Document struct {
	issuers, audiences []string
	rules              *ruleIndex
}

// Parse reads a document. It is strict: unknown members, a member given twice, a list that does not end in
// the rule `default`. The error begins with the place of the fault. Spec 9.1.
func Parse(text []byte) (*Document, error) {
	if len(text) > maxDocumentBytes {
		return nil, errors.New("policy: larger than 8 MiB")
	}
	value, err := strictjson.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	document, err := readDocument(value)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	return document, nil
}

// Check fails when the document is not for this audience, or trusts an issuer that the verifier does not.
func (d *Document) Check(scope Scope) error {
	if !slices.Contains(d.audiences, scope.Audience) {
		return fmt.Errorf("policy: audiences: %q, which this verifier serves, is not among them", scope.Audience)
	}
	for at, issuer := range d.issuers {
		if !slices.Contains(scope.Issuers, issuer) {
			return fmt.Errorf("policy: issuers[%d]: %q is not an issuer that this verifier trusts", at, issuer)
		}
	}
	return nil
}

// Decide is Policy.Decide.
func (d *Document) Decide(claims *oathmesh.Claims) Decision {
	if !slices.Contains(d.issuers, claims.Issuer) || !slices.Contains(d.audiences, claims.Audience) {
		return Decision{Allow: false, Rule: DefaultRule}
	}
	return d.rules.Decide(claims)
}

func readDocument(value any) (*Document, error) {
	object, err := closed(value, "", "$schema", "version", "issuers", "audiences", "rules")
	if err != nil {
		return nil, err
	}
	if _, err := object.Text("$schema"); err != nil {
		return nil, err
	}
	if object["version"] != strictjson.Number("1") {
		return nil, errors.New("version: must be 1")
	}
	document := &Document{}
	if document.issuers, err = texts(object, "issuers", 64, 1024); err != nil {
		return nil, err
	}
	if document.audiences, err = texts(object, "audiences", 64, 1024); err != nil {
		return nil, err
	}
	rules, err := readRules(object["rules"])
	if err != nil {
		return nil, err
	}
	if last := len(rules) - 1; rules[last].Name != DefaultRule {
		return nil, fmt.Errorf(`rules[%d]: the last rule must be named "default" and deny`, last)
	}
	document.rules, err = compileRules(rules)
	return document, err
}

// closed reads an object that has no other members than these.
func closed(value any, path string, members ...string) (strictjson.Object, error) {
	object, err := strictjson.AsObject(value)
	if err != nil {
		return nil, fmt.Errorf("%s: must be an object", at(path, "(root)"))
	}
	for name := range object {
		if !slices.Contains(members, name) {
			return nil, fmt.Errorf("%s: unknown member %q", at(path, "(root)"), name)
		}
	}
	return object, nil
}

func at(path, otherwise string) string {
	if path == "" {
		return otherwise
	}
	return path
}

// texts reads a required list of distinct texts that are not empty.
func texts(object strictjson.Object, name string, most, longest int) ([]string, error) {
	fault := fmt.Errorf("%s: must be a list of 1 to %d distinct texts of 1 to %d characters", name, most, longest)
	list, err := object.Texts(name)
	if err != nil || len(list) == 0 || len(list) > most {
		return nil, fault
	}
	for at, text := range list {
		if text == "" || strictjson.Units(text) > longest || slices.Contains(list[:at], text) {
			return nil, fault
		}
	}
	return list, nil
}

// hasControl: such a name could end a log line.
func hasControl(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		return r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029
	})
}
