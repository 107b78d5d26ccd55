package verify

import (
	"strings"
	"testing"

	oathmesh "github.com/oathmesh/oathmesh-go"
)

func table(t *testing.T, require Require) *requirementTable {
	t.Helper()
	compiled, err := compileRequirements(require)
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func TestRoutes(t *testing.T) {
	compiled := table(t, Require{Action: "fallback", Scopes: []string{"all"}, Routes: []Route{
		{Method: "GET", Path: "/orders/{id}", Action: "orders.read"},
		{Method: "GET", Path: "/orders/export", Action: "orders.admin"},
		{Method: "*", Path: "/files/*", Action: "files.any"},
		{Method: "GET", Path: "/files/secret", Action: "files.secret", Scopes: []string{"secret"}},
		{Method: "DELETE", Path: "/fb/{id}", Action: "fb.delete"},
	}})
	for _, one := range []struct {
		method, path, action, scopes string
		want                         Reason
	}{
		{"GET", "/orders/7", "orders.read", "all", ""},
		{"GET", "/orders/7", "orders.admin", "all", "action_mismatch"},
		{"GET", "/orders/export", "orders.admin", "all", ""},
		{"GET", "/orders/export", "orders.read", "all", "action_mismatch"},
		{"GET", "/orders/%65xport", "orders.read", "all", "action_mismatch"},
		{"GET", "/orders/export/", "orders.read", "all", "action_mismatch"},
		{"GET", "/orders/export#", "orders.read", "all", "action_mismatch"},
		{"GET", "/orders/export%23", "orders.read", "all", "action_mismatch"},
		{"GET", "/orders/export%3F", "orders.read", "all", "action_mismatch"},
		{"GET", "/orders/export;x", "orders.read", "all", "action_mismatch"},
		{"GET", "/orders/export%3bx", "orders.read", "all", "action_mismatch"},
		{"GET", "/orders/export%20", "orders.read", "all", "action_mismatch"},
		{"GET", "/orders/export%00", "orders.read", "all", "action_mismatch"},
		{"GET", "/orders/%2565xport", "orders.read", "all", "action_mismatch"},
		{"GET", "/orders/export%C2%A0", "orders.read", "all", "action_mismatch"},
		{"GET", "/orders//export", "orders.read", "all", "action_mismatch"},
		{"GET", "/orders/./export", "orders.read", "all", "action_mismatch"},
		{"GET", "/orders/x/../export", "orders.read", "all", "action_mismatch"},
		{"GET", "/orders/%2e%2e/export", "orders.read", "all", "action_mismatch"},
		{"GET", `/orders\export`, "orders.read", "all", "action_mismatch"},
		{"GET", "/orders%2Fexport", "fallback", "all", "action_mismatch"},
		{"GET", "/orders%5Cexport", "fallback", "all", "action_mismatch"},
		{"GET", "/orders/\xff", "orders.read", "all", "action_mismatch"},
		{"GET", "/orders/%FF", "orders.read", "all", "action_mismatch"},
		{"GET", "/orders/é", "orders.read", "all", "action_mismatch"},
		{"GET", "/orders/%C3%A9", "orders.read", "all", ""},
		{"GET", "orders/7", "orders.read", "all", "action_mismatch"},
		{"GET", "*", "fallback", "all", "action_mismatch"},
		{"GET", "/files/secret", "files.secret", "all", "scope_missing"},
		{"GET", "/files/secret", "files.secret", "secret all", ""},
		{"GET", "/files/secret/", "files.any", "all secret", "action_mismatch"},
		{"GET", "/files/secret/", "files.secret", "all secret", "action_mismatch"},
		{"PUT", "/files/a/b", "files.any", "all", ""},
		{"PUT", "/files/", "files.any", "all", "action_mismatch"},
		{"PUT", "/files", "files.any", "all", "action_mismatch"},
		{"DELETE", "/fb/7", "fb.delete", "all", ""},
		{"DELETE", "/fb/7/", "fallback", "all", "action_mismatch"},
		{"DELETE", "/fb/7/", "fb.delete", "all", "action_mismatch"},
		{"HEAD", "/orders/7", "fallback", "all", "action_mismatch"},
		{"HEAD", "/other", "fallback", "all", ""},
		{"HEAD", "/other", "fallback", "", "scope_missing"},
		{"GET", "/orders/EXPORT", "orders.read", "all", "action_mismatch"},
		{"GET", "/orders/exp%C3%B3rt", "orders.read", "all", "action_mismatch"},
		{"GET", "/orders/%EF%BD%85xport", "orders.read", "all", "action_mismatch"},
		{"GET", "/orders/export.json", "orders.read", "all", "action_mismatch"},
		{"GET", "/orders/exports", "orders.read", "all", ""},
		{"GET", "/", "fallback", "all", ""},
	} {
		claims := &oathmesh.Claims{Action: one.action, Scope: strings.Fields(one.scopes)}
		got := compiled.check(claims, &oathmesh.RequestLine{Method: one.method, RawPath: one.path})
		if got != one.want {
			t.Errorf("%s %s as %s with %q: %q, want %q", one.method, one.path, one.action, one.scopes, got, one.want)
		}
	}
}

func TestWithoutFallbackAnUnlistedRequestIsRefused(t *testing.T) {
	compiled := table(t, Require{Routes: []Route{{Method: "GET", Path: "/a", Action: "*"}}})
	if got := compiled.check(&oathmesh.Claims{Action: "x"}, &oathmesh.RequestLine{Method: "GET", RawPath: "/b"}); got != "action_mismatch" {
		t.Error(got)
	}
	if got := compiled.check(&oathmesh.Claims{Action: "x"}, &oathmesh.RequestLine{Method: "GET", RawPath: "/a"}); got != "" {
		t.Error(got)
	}
}

func TestRoutesThatCannotWork(t *testing.T) {
	for want, routes := range map[string][]Route{
		"Routes[0].Method": {{Method: "get", Path: "/", Action: "a"}},
		"Routes[0].Action": {{Method: "GET", Path: "/"}},
		"Routes[0].Path":   {{Method: "GET", Path: "/a//b", Action: "a"}},
		"Routes[1]: lists": {{Method: "GET", Path: "/{a}", Action: "a"}, {Method: "GET", Path: "/{b}", Action: "a"}},
		"must be text":     {{Method: "GET", Path: "/a{b}", Action: "a"}},
		"must be a dec":    {{Method: "GET", Path: "/a%20", Action: "a"}},
	} {
		if _, err := compileRequirements(Require{Routes: routes}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestEveryReasonHasARow(t *testing.T) {
	for reason, row := range refusals {
		if row.code == "" || row.message == "" || row.fix == "" || row.status < 400 {
			t.Errorf("%s: %+v", reason, row)
		}
		if denial := deny(reason, ""); denial.Reason != reason || denial.Fix != row.fix {
			t.Errorf("%s: %+v", reason, denial)
		}
	}
	if deny("no such reason", "").Reason != "internal_error" {
		t.Error("an unknown reason is not a fault")
	}
}
