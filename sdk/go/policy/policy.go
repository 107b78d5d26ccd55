// Package policy decides on proven claims: who may do what. Rules stand in order; the first that matches
// decides, and what none allows is denied.
package policy

import (
	"errors"
	"fmt"

	oathmesh "github.com/oathmesh/oathmesh-go"
)

// Decision on one call.
type Decision struct {
	Allow bool
	// Unavailable: there is no policy to ask, and the call is refused because of us, with 503.
	Unavailable bool
	// Rule that decided, `default` when none matched; empty with AllowAll.
	Rule string
}

// Policy decides on proven claims alone, without I/O, and from several goroutines at once.
type Policy interface {
	Decide(claims *oathmesh.Claims) Decision
}

// AllowAll lets every verified caller pass. It has to be asked for.
var AllowAll Policy = allowAll{}

type allowAll struct{}

func (allowAll) Decide(*oathmesh.Claims) Decision { return Decision{Allow: true} }

// Unavailable is a policy that has not been loaded yet: every call is refused because of us, with 503.
var Unavailable Policy = unavailable{}

type unavailable struct{}

func (unavailable) Decide(*oathmesh.Claims) Decision { return Decision{Unavailable: true} }

// Rules makes a policy of rules in order. The error begins with the place of the fault: a name used twice,
// an allow rule without a match, `default` anywhere but last or other than a plain deny. Spec 9.3.
func Rules(rules []Rule) (Policy, error) { return compileRules(rules) }

func compileRules(rules []Rule) (*ruleIndex, error) {
	if len(rules) == 0 {
		return nil, errors.New("rules: needs at least one rule")
	}
	seen := map[string]int{}
	compiled := make([]compiledRule, 0, len(rules))
	for at := range rules {
		rule := &rules[at]
		if first, twice := seen[rule.Name]; twice {
			return nil, fmt.Errorf("rules[%d].name: %q already names rules[%d]", at, rule.Name, first)
		}
		seen[rule.Name] = at
		one, err := compileRule(rule, at == len(rules)-1)
		if err != nil {
			return nil, fmt.Errorf("rules[%d].%w", at, err)
		}
		compiled = append(compiled, one)
	}
	return newRuleIndex(compiled), nil
}

type compiledRule struct {
	decision   Decision
	conditions []condition
}

func (r *compiledRule) matches(claims *oathmesh.Claims) bool {
	for at := range r.conditions {
		if !r.conditions[at].holds(claims) {
			return false
		}
	}
	return true
}

func compileRule(rule *Rule, last bool) (compiledRule, error) {
	conditions, err := compileConditions(&rule.Match)
	switch {
	case err != nil:
		return compiledRule{}, fmt.Errorf("match.%w", err)
	case rule.Name == "":
		return compiledRule{}, errors.New("name: must not be empty")
	case rule.Name == DefaultRule && !last:
		return compiledRule{}, errors.New(`name: the rule "default" must be the last one`)
	case rule.Name == DefaultRule && rule.Allow:
		return compiledRule{}, errors.New(`allow: the rule "default" must deny`)
	case rule.Name == DefaultRule && len(conditions) > 0:
		return compiledRule{}, errors.New(`match: the rule "default" matches every call and takes no match`)
	case rule.Allow && len(conditions) == 0:
		return compiledRule{}, errors.New("match: a rule that allows must say what it matches")
	}
	return compiledRule{Decision{Allow: rule.Allow, Rule: rule.Name}, conditions}, nil
}
