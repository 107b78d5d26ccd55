package policy

import (
	"errors"
	"slices"
	"strings"

	oathmesh "github.com/oathmesh/oathmesh-go"
)

// condition is one compiled member of a match.
type condition struct {
	// Index into textFields; -1 for scope.
	field int
	// What every text that matches begins with.
	prefix string
	holds  func(claims *oathmesh.Claims) bool
}

type textField struct {
	name    string
	pattern func(*Match) string
	read    func(*oathmesh.Claims) string
}

// Cheapest and most telling first.
var textFields = [...]textField{
	{"sub", func(m *Match) string { return m.Subject }, func(c *oathmesh.Claims) string { return c.Subject }},
	{"act", func(m *Match) string { return m.Action }, func(c *oathmesh.Claims) string { return c.Action }},
	{"env", func(m *Match) string { return m.Env }, func(c *oathmesh.Claims) string { return c.Env }},
	{"tenant", func(m *Match) string { return m.Tenant }, func(c *oathmesh.Claims) string { return c.Tenant }},
	{"iss", func(m *Match) string { return m.Issuer }, func(c *oathmesh.Claims) string { return c.Issuer }},
	{"aud", func(m *Match) string { return m.Audience }, func(c *oathmesh.Claims) string { return c.Audience }},
	{"src.type", func(m *Match) string { return m.SourceType }, func(c *oathmesh.Claims) string { return source(c).Type }},
	{"src.repo", func(m *Match) string { return m.SourceRepo }, func(c *oathmesh.Claims) string { return source(c).Repo }},
	{"src.workflow", func(m *Match) string { return m.SourceWorkflow }, func(c *oathmesh.Claims) string { return source(c).Workflow }},
}

func source(claims *oathmesh.Claims) oathmesh.Source {
	if claims.Source == nil {
		return oathmesh.Source{}
	}
	return *claims.Source
}

func compileConditions(match *Match) ([]condition, error) {
	var conditions []condition
	for at := range textFields {
		if pattern := textFields[at].pattern(match); pattern != "" {
			conditions = append(conditions, textCondition(at, pattern))
		}
	}
	if match.Scope == nil {
		return conditions, nil
	}
	if len(match.Scope) == 0 || slices.Contains(match.Scope, "") {
		return nil, errors.New("scope: must name at least one scope, none of them empty")
	}
	wanted := slices.Clone(match.Scope)
	holds := func(claims *oathmesh.Claims) bool { return containsAll(claims.Scope, wanted) }
	return append(conditions, condition{field: -1, holds: holds}), nil
}

func textCondition(field int, pattern string) condition {
	read, matches := textFields[field].read, compileGlob(pattern)
	prefix, _, _ := strings.Cut(pattern, "*")
	return condition{field: field, prefix: prefix, holds: func(claims *oathmesh.Claims) bool {
		text := read(claims)
		return text != "" && matches(text)
	}}
}

func containsAll(has, wanted []string) bool {
	for _, name := range wanted {
		if !slices.Contains(has, name) {
			return false
		}
	}
	return true
}
