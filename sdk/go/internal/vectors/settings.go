package vectors

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	oathmesh "github.com/oathmesh/oathmesh-go"
	"github.com/oathmesh/oathmesh-go/policy"
	"github.com/oathmesh/oathmesh-go/verify"
)

// settings are members of the gateways' configuration (config.schema.json) that vectors use.
type settings struct {
	Audience     string          `json:"audience"`
	Issuers      []issuer        `json:"issuers"`
	Policy       policySettings  `json:"policy"`
	Require      requireSettings `json:"require"`
	Bearer       bool            `json:"accept_bearer"`
	Leeway       *int            `json:"clock_skew_leeway"`
	Lifetime     int             `json:"max_token_lifetime"`
	MaxBytes     int             `json:"max_token_bytes"`
	Binding      binding         `json:"request_binding"`
	HeadersWhich json.RawMessage `json:"identity_headers"`
}

type issuer struct {
	Issuer   string   `json:"issuer"`
	JWKS     string   `json:"jwks"`
	JWKSURI  string   `json:"jwks_uri"`
	Subjects []string `json:"subjects"`
}

type policySettings struct {
	AllowAll bool              `json:"allow_all"`
	Rules    []json.RawMessage `json:"rules"`
	File     string            `json:"file"`
}

type requireSettings struct {
	Action string          `json:"action"`
	Scopes []string        `json:"scopes"`
	Routes []requiredRoute `json:"routes"`
}

type requiredRoute struct {
	Method string   `json:"method"`
	Path   string   `json:"path"`
	Action string   `json:"action"`
	Scopes []string `json:"scopes"`
}

type binding struct {
	Mode          string `json:"mode"`
	Required      string `json:"required"`
	MaxBodyBytes  int64  `json:"max_body_bytes"`
	IgnoreWhenOff bool   `json:"ignore_when_off"`
}

// configOf replaces members of the base configuration.
func configOf(text json.RawMessage) (verify.Config, error) {
	s := settings{
		Audience: "https://inventory.internal",
		Issuers: []issuer{
			{Issuer: "https://issuer.example.test", JWKS: Keys["trusted"].JWKS()},
			{Issuer: "https://second.example.test", JWKS: Keys["second"].JWKS()},
		},
		Policy: policySettings{AllowAll: true},
	}
	if text != nil {
		// encoding/json would merge into what is there.
		var members map[string]json.RawMessage
		if err := json.Unmarshal(text, &members); err != nil {
			return verify.Config{}, err
		}
		if _, replaced := members["issuers"]; replaced {
			s.Issuers = nil
		}
		if _, replaced := members["policy"]; replaced {
			s.Policy = policySettings{}
		}
		if err := strict(text, &s); err != nil {
			return verify.Config{}, err
		}
	}
	rules, err := policyOf(s.Policy)
	return toConfig(s, rules), err
}

func toConfig(s settings, rules policy.Policy) verify.Config {
	config := verify.Config{
		Audience: s.Audience, Policy: rules, AcceptBearer: s.Bearer, Name: "vectors",
		MaxLifetime: time.Duration(s.Lifetime) * time.Second, MaxTokenBytes: s.MaxBytes,
		Binding: verify.Binding{
			Mode: oathmesh.BindingMode(s.Binding.Mode), Required: verify.BindingRequired(s.Binding.Required),
			MaxBodyBytes: s.Binding.MaxBodyBytes, IgnoreWhenOff: s.Binding.IgnoreWhenOff,
		},
		Require: verify.Require{Action: s.Require.Action, Scopes: s.Require.Scopes},
	}
	for _, route := range s.Require.Routes {
		config.Require.Routes = append(config.Require.Routes, verify.Route(route))
	}
	for _, issuer := range s.Issuers {
		config.Issuers = append(config.Issuers, verify.Issuer{
			Issuer: issuer.Issuer, JWKS: issuer.JWKS, JWKSURI: issuer.JWKSURI, Subjects: issuer.Subjects,
		})
	}
	if s.Leeway != nil {
		config.Leeway = time.Duration(*s.Leeway) * time.Second
		if *s.Leeway == 0 {
			config.Leeway = verify.NoLeeway
		}
	}
	return config
}

// policyOf reads inline rules through the document form, which is the public one.
func policyOf(s policySettings) (policy.Policy, error) {
	if s.AllowAll {
		return policy.AllowAll, nil
	}
	if s.File != "" {
		return fromFile(s.File), nil
	}
	rules, err := policy.ParseRules(s.Rules)
	if err != nil {
		return nil, fmt.Errorf("policy.%w", err)
	}
	return policy.Rules(rules)
}

// fromFile: a file that has never been valid leaves no policy to ask.
func fromFile(path string) policy.Policy {
	text, err := os.ReadFile(path)
	if err != nil {
		return policy.Unavailable
	}
	document, err := policy.Parse(text)
	if err != nil {
		return policy.Unavailable
	}
	return document
}
