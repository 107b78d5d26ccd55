package policy

import (
	"slices"

	oathmesh "github.com/oathmesh/oathmesh-go"
)

// ruleIndex finds the first rule that matches without asking them all.
//
// Each rule hangs on one of its conditions, by the text before the first `*`: the rule can match only where
// the claim begins with that text. A call looks up the beginnings of its claims, one per length that occurs,
// and asks the rules found there. Of its conditions a rule hangs on the one it shares with the fewest
// others, so that one subject in a thousand rules does not undo the index.
type ruleIndex struct {
	rules    []compiledRule
	fields   [len(textFields)]fieldIndex
	anywhere []int
}

// fieldIndex is the rules that hang on one field, by what its claim begins with, in their order.
type fieldIndex struct {
	byPrefix map[string][]int
	lengths  []int
}

type anchor struct {
	field  int
	prefix string
}

func newRuleIndex(rules []compiledRule) *ruleIndex {
	index := &ruleIndex{rules: rules}
	sharers := map[anchor]int{}
	for at := range rules {
		for _, one := range anchorsOf(&rules[at]) {
			sharers[one]++
		}
	}
	for at := range rules {
		anchors := anchorsOf(&rules[at])
		if len(anchors) == 0 {
			index.anywhere = append(index.anywhere, at)
			continue
		}
		rarest := slices.MinFunc(anchors, func(one, other anchor) int { return sharers[one] - sharers[other] })
		index.fields[rarest.field].add(rarest.prefix, at)
	}
	return index
}

func anchorsOf(rule *compiledRule) []anchor {
	var anchors []anchor
	for _, one := range rule.conditions {
		if one.field >= 0 && one.prefix != "" {
			anchors = append(anchors, anchor{one.field, one.prefix})
		}
	}
	return anchors
}

func (f *fieldIndex) add(prefix string, at int) {
	if f.byPrefix == nil {
		f.byPrefix = map[string][]int{}
	}
	f.byPrefix[prefix] = append(f.byPrefix[prefix], at)
	if !slices.Contains(f.lengths, len(prefix)) {
		f.lengths = append(f.lengths, len(prefix))
	}
}

// Decide gives the decision of the first rule that matches.
func (i *ruleIndex) Decide(claims *oathmesh.Claims) Decision {
	best := i.firstOf(i.anywhere, claims, len(i.rules))
	for field := range i.fields {
		lengths := i.fields[field].lengths
		if len(lengths) == 0 {
			continue
		}
		text := textFields[field].read(claims)
		for _, length := range lengths {
			if text != "" && length <= len(text) {
				best = i.firstOf(i.fields[field].byPrefix[text[:length]], claims, best)
			}
		}
	}
	if best == len(i.rules) {
		return Decision{Allow: false, Rule: DefaultRule}
	}
	return i.rules[best].decision
}

// firstOf gives the first of the candidates that matches and stands before best, else best.
func (i *ruleIndex) firstOf(candidates []int, claims *oathmesh.Claims, best int) int {
	for _, at := range candidates {
		if at >= best {
			return best
		}
		if i.rules[at].matches(claims) {
			return at
		}
	}
	return best
}
