package verify

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	oathmesh "github.com/oathmesh/oathmesh-go"
	"github.com/oathmesh/oathmesh-go/policy"
)

// Require is what a token must declare for the request it is sent with.
//
// The route with the most specific path decides, compared segment by segment from the left: text before
// `{name}` before `*`; of two with the same path, the one that names the method. Where there are routes, a
// request that none of them lists needs Action, and without Action is refused; so is one whose path two
// servers might read differently, whatever Action says.
type Require struct {
	// Action is a glob that `act` must match; with Routes, of requests that no route lists.
	Action string
	// Scopes that every token must carry.
	Scopes []string
	Routes []Route
}

// Route is one kind of request and what it requires.
type Route struct {
	// Method is compared exactly, HEAD and GET apart; `*` is any.
	Method string
	// Path is a template: `/orders/{id}/items/*`. `{name}` stands for one segment that is not empty, `*` as the
	// last segment for all that follows, at least one segment.
	Path string
	// Action is a glob that `act` must match.
	Action string
	// Scopes that the token must carry besides those of every request.
	Scopes []string
}

type demand struct {
	fits   func(action string) bool
	scopes []string
}

type compiledRoute struct {
	demand
	method   string
	template pathTemplate
}

type requirementTable struct {
	scopes []string
	routes []compiledRoute
	// What a request needs that no route lists; nil refuses it.
	otherwise *demand
}

// RFC 9110, 5.6.2.
var methodGrammar = regexp.MustCompile("^(?:\\*|[A-Z0-9!#$%&'+.^_`|~-]+)$")

func compileRequirements(require Require) (*requirementTable, error) {
	table := &requirementTable{scopes: require.Scopes}
	if require.Action != "" {
		table.otherwise = &demand{fits: policy.Glob(require.Action)}
	} else if len(require.Routes) == 0 {
		table.otherwise = &demand{fits: func(string) bool { return true }}
	}
	seen := map[string]int{}
	for at, route := range require.Routes {
		compiled, err := compileRoute(route)
		if err != nil {
			return nil, fmt.Errorf("Routes[%d].%w", at, err)
		}
		key := route.Method + " " + compiled.template.shape
		if first, twice := seen[key]; twice {
			return nil, fmt.Errorf("Routes[%d]: lists the same requests as Routes[%d]", at, first)
		}
		seen[key] = at
		table.routes = append(table.routes, compiled)
	}
	slices.SortStableFunc(table.routes, bySpecificity)
	return table, nil
}

func compileRoute(route Route) (compiledRoute, error) {
	if !methodGrammar.MatchString(route.Method) {
		return compiledRoute{}, errors.New(`Method: must be a method in capitals, or "*"`)
	}
	if route.Action == "" {
		return compiledRoute{}, errors.New("Action: must not be empty")
	}
	template, err := compilePathTemplate(route.Path)
	if err != nil {
		return compiledRoute{}, fmt.Errorf("Path: %w", err)
	}
	return compiledRoute{demand{policy.Glob(route.Action), route.Scopes}, route.Method, template}, nil
}

func bySpecificity(one, other compiledRoute) int {
	if order := strings.Compare(one.template.rank, other.template.rank); order != 0 {
		return order
	}
	switch {
	case one.method == other.method:
		return 0
	case other.method == "*":
		return -1
	case one.method == "*":
		return 1
	}
	return 0
}

// check gives the reason to refuse, or nothing.
func (t *requirementTable) check(claims *oathmesh.Claims, line *oathmesh.RequestLine) Reason {
	demands, ok := t.demands(line)
	if !ok {
		return "action_mismatch"
	}
	for _, demand := range demands {
		if !demand.fits(claims.Action) {
			return "action_mismatch"
		}
	}
	if !containsAll(claims.Scope, t.scopes) {
		return "scope_missing"
	}
	for _, demand := range demands {
		if !containsAll(claims.Scope, demand.scopes) {
			return "scope_missing"
		}
	}
	return ""
}

// demands on a request; false refuses it: its path is ambiguous, or nobody may call it. A request has to
// satisfy everybody who may read it otherwise than we do: it needs what its path needs, what the path without
// a slash at its end needs, and what each more specific route needs that the path resembles.
func (t *requirementTable) demands(line *oathmesh.RequestLine) ([]*demand, bool) {
	if len(t.routes) == 0 {
		return []*demand{t.otherwise}, true
	}
	segments, ok := pathSegments(line.RawPath)
	if !ok {
		return nil, false
	}
	found, ok := t.demandsOf(line.Method, newReadPath(segments))
	last := len(segments) - 1
	if !ok || last == 0 || segments[last] != "" {
		return found, ok
	}
	slashless, ok := t.demandsOf(line.Method, newReadPath(segments[:last]))
	return append(found, slashless...), ok
}

func (t *requirementTable) demandsOf(method string, path readPath) ([]*demand, bool) {
	var demands []*demand
	seen := map[string]bool{}
	rank := ""
	for at := range t.routes {
		route := &t.routes[at]
		if rank != "" && route.template.rank > rank {
			break
		}
		if route.method != "*" && route.method != method {
			continue
		}
		// The first of a shape names the method, or no other does.
		if seen[route.template.shape] || !route.template.resembles(path) {
			continue
		}
		seen[route.template.shape] = true
		demands = append(demands, &route.demand)
		if route.template.matches(path) {
			rank = route.template.rank
		}
	}
	if rank != "" {
		return demands, true
	}
	return t.unlisted(method, path, demands)
}

// unlisted: frameworks answer HEAD by what they have for GET, unless it has been told apart.
func (t *requirementTable) unlisted(method string, path readPath, alike []*demand) ([]*demand, bool) {
	if t.otherwise == nil {
		return nil, false
	}
	if method == http.MethodHead {
		asGet, _ := t.demandsOf(http.MethodGet, path)
		alike = append(alike, asGet...)
	}
	return append(alike, t.otherwise), true
}

func containsAll(has, wanted []string) bool {
	for _, name := range wanted {
		if !slices.Contains(has, name) {
			return false
		}
	}
	return true
}
