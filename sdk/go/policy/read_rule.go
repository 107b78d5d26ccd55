package policy

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/oathmesh/oathmesh-go/internal/strictjson"
)

const (
	maxRules       = 10_000
	maxName        = 128
	maxGlob        = 1024
	maxDenyReason  = 512
	maxScopes      = 64
	maxScopeLength = 256
)

func readRules(value any) ([]Rule, error) {
	items, ok := value.([]any)
	if !ok || len(items) == 0 || len(items) > maxRules {
		return nil, fmt.Errorf("rules: must be a list of 1 to %d rules", maxRules)
	}
	rules := make([]Rule, 0, len(items))
	for at, item := range items {
		rule, err := readRule(item, fmt.Sprintf("rules[%d]", at))
		if err != nil {
			return nil, err
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

func readRule(value any, path string) (Rule, error) {
	object, err := closed(value, path, "name", "ruleName", "allow", "match", "denyReason")
	if err != nil {
		return Rule{}, err
	}
	rule := Rule{}
	if rule.Name, err = readName(object); err != nil {
		return Rule{}, fmt.Errorf("%s: %w", path, err)
	}
	allow, ok := object["allow"].(bool)
	if !ok {
		return Rule{}, fmt.Errorf("%s.allow: must be true or false", path)
	}
	rule.Allow = allow
	if object.Has("denyReason") {
		if rule.DenyReason, err = text(object, "denyReason", maxDenyReason); err != nil {
			return Rule{}, fmt.Errorf("%s.%w", path, err)
		}
	}
	if object.Has("match") {
		rule.Match, err = readMatch(object["match"], path+".match")
	}
	return rule, err
}

// readName: `ruleName` is another spelling of `name`.
func readName(object strictjson.Object) (string, error) {
	if object.Has("name") == object.Has("ruleName") {
		return "", errors.New(`needs either "name" or "ruleName"`)
	}
	member := "name"
	if object.Has("ruleName") {
		member = "ruleName"
	}
	name, err := text(object, member, maxName)
	if err == nil && hasControl(name) {
		err = fmt.Errorf("%s: must be without control characters", member)
	}
	return name, err
}

func readMatch(value any, path string) (Match, error) {
	object, err := closed(value, path, "sub", "act", "env", "tenant", "iss", "aud", "scope", "src")
	if err != nil {
		return Match{}, err
	}
	match := Match{}
	if err := globs(object, path, map[string]*string{
		"sub": &match.Subject, "act": &match.Action, "env": &match.Env,
		"tenant": &match.Tenant, "iss": &match.Issuer, "aud": &match.Audience,
	}); err != nil {
		return Match{}, err
	}
	if object.Has("scope") {
		if match.Scope, err = texts(object, "scope", maxScopes, maxScopeLength); err != nil {
			return Match{}, fmt.Errorf("%s.%w", path, err)
		}
	}
	if !object.Has("src") {
		return match, nil
	}
	source, err := closed(object["src"], path+".src", "type", "repo", "workflow")
	if err != nil {
		return Match{}, err
	}
	if len(source) == 0 {
		return Match{}, fmt.Errorf("%s.src: must not be empty", path)
	}
	return match, globs(source, path+".src", map[string]*string{
		"type": &match.SourceType, "repo": &match.SourceRepo, "workflow": &match.SourceWorkflow,
	})
}

func globs(object strictjson.Object, path string, into map[string]*string) error {
	for name, target := range into {
		if !object.Has(name) {
			continue
		}
		pattern, err := text(object, name, maxGlob)
		if err != nil {
			return fmt.Errorf("%s.%w", path, err)
		}
		*target = pattern
	}
	return nil
}

// text reads a required text that is not empty.
func text(object strictjson.Object, name string, longest int) (string, error) {
	value, ok := object[name].(string)
	if !ok || value == "" || strictjson.Units(value) > longest {
		return "", fmt.Errorf("%s: must be a text of 1 to %d characters", name, longest)
	}
	return value, nil
}

// ParseRules reads rules of the JSON form one by one, as they stand inline in a gateway's configuration.
func ParseRules(texts []json.RawMessage) ([]Rule, error) {
	items := make([]any, len(texts))
	for at, text := range texts {
		item, err := strictjson.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("rules[%d]: %w", at, err)
		}
		items[at] = item
	}
	return readRules(items)
}
