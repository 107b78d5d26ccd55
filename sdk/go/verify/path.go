package verify

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// rawPath is RFC 3986 pchar and `/`, without `;`, which starts parameters that some servers cut off.
var rawPath = regexp.MustCompile(`^/(?:[A-Za-z0-9._~!$&'()*+,=:@/-]|%[0-9A-Fa-f]{2})*$`)

// pathSegments gives the decoded segments of a raw request path, or false when two servers might read it
// differently. Nothing is repaired: clients send no such paths unless someone tries to cross from one route
// to another.
func pathSegments(raw string) ([]string, bool) {
	if !rawPath.MatchString(raw) {
		return nil, false
	}
	segments := strings.Split(raw[1:], "/")
	for at, segment := range segments {
		decoded, err := url.PathUnescape(segment)
		if err != nil || !isPlainSegment(decoded, at == len(segments)-1) {
			return nil, false
		}
		segments[at] = decoded
	}
	return segments, true
}

// isPlainSegment: no separator to any server, nothing that a second decoding would change, nothing that is
// trimmed, no step up or down.
func isPlainSegment(segment string, last bool) bool {
	switch segment {
	case "":
		return last
	case ".", "..":
		return false
	}
	if !utf8.ValidString(segment) || strings.ContainsAny(segment, `/\#?%;`) {
		return false
	}
	if strings.ContainsFunc(segment, func(r rune) bool { return unicode.Is(unicode.Cc, r) }) {
		return false
	}
	return trim(segment) == segment && strings.TrimSpace(segment) == segment
}

// pathTemplate is a path with places to fill.
type pathTemplate struct {
	// The same for templates that match the same paths.
	shape string
	// Sorts the more specific template first: one letter per segment, from the left, text before parameter
	// before the end before star.
	rank string
	// Empty for a parameter.
	fixed []string
	open  bool
}

var parameter = regexp.MustCompile(`^\{[A-Za-z_][A-Za-z0-9_]*\}$`)

func compilePathTemplate(template string) (pathTemplate, error) {
	if strings.Contains(template, "%") || !strings.HasPrefix(template, "/") {
		return pathTemplate{}, errTemplate
	}
	segments := strings.Split(template[1:], "/")
	compiled := pathTemplate{open: segments[len(segments)-1] == "*"}
	if compiled.open {
		segments = segments[:len(segments)-1]
	}
	var shape []string
	for at, segment := range segments {
		switch {
		case !isPlainSegment(segment, at == len(segments)-1 && !compiled.open):
			return pathTemplate{}, errTemplate
		case parameter.MatchString(segment):
			compiled.fixed = append(compiled.fixed, parameterMark)
			compiled.rank += "b"
			shape = append(shape, "{}")
		case strings.ContainsAny(segment, "{}*"):
			return pathTemplate{}, fmt.Errorf(`%q must be text, "{name}" as a whole segment, or "*" as the last one`, segment)
		default:
			compiled.fixed = append(compiled.fixed, segment)
			compiled.rank += "a"
			shape = append(shape, segment)
		}
	}
	compiled.rank += map[bool]string{true: "d", false: "c"}[compiled.open]
	if compiled.open {
		shape = append(shape, "*")
	}
	compiled.shape = "/" + strings.Join(shape, "/")
	return compiled, nil
}

// parameterMark cannot be a segment of a request.
const parameterMark = "/"

var errTemplate = errors.New(`must be a decoded path that begins with "/" and has no "%", "#", "?", ";", "\", empty, "." or ".." segment`)

// matches: `/files/*` fits `/files/` and `/files/a/b`, not `/files`. A slash at the end counts.
func (t *pathTemplate) matches(asked []string) bool {
	if t.open && len(asked) <= len(t.fixed) || !t.open && len(asked) != len(t.fixed) {
		return false
	}
	return slices.EqualFunc(t.fixed, asked[:len(t.fixed)], func(fixed, segment string) bool {
		return fixed == segment || fixed == parameterMark && segment != ""
	})
}
