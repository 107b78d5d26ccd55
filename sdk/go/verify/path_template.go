package verify

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// readPath is a path taken apart.
type readPath struct {
	// Decoded. The last is empty where the path ends in a slash.
	segments, folded []string
}

func newReadPath(segments []string) readPath {
	folded := make([]string, len(segments))
	for at, segment := range segments {
		folded[at] = foldSegment(segment)
	}
	return readPath{segments, folded}
}

// pathTemplate is a path with places to fill.
type pathTemplate struct {
	// The same for templates that match the same paths.
	shape string
	// Sorts the more specific template first: one letter per segment, from the left, text before parameter
	// before the end before star.
	rank string
	// What is asked of each segment; parameterMark where any will do that is not empty.
	fixed, folded []string
	// Whether `*` stands for all that follows.
	open bool
}

// parameterMark cannot be a segment.
const parameterMark = "/"

var parameter = regexp.MustCompile(`^\{[A-Za-z_][A-Za-z0-9_]*\}$`)

var errTemplate = errors.New(`must be a decoded path that begins with "/", without any of % ; # ? \ and without segments that are empty, only dots, or begin or end with a space`)

func compilePathTemplate(template string) (pathTemplate, error) {
	if !strings.HasPrefix(template, "/") {
		return pathTemplate{}, errTemplate
	}
	segments := strings.Split(template[1:], "/")
	for at, segment := range segments {
		if !isPlainSegment(segment) && (segment != "" || at != len(segments)-1) {
			return pathTemplate{}, errTemplate
		}
	}
	compiled := pathTemplate{open: segments[len(segments)-1] == "*"}
	end := "c"
	if compiled.open {
		segments, end = segments[:len(segments)-1], "d"
	}
	var shape []string
	for _, segment := range segments {
		switch {
		case parameter.MatchString(segment):
			compiled.want(parameterMark, parameterMark, "b")
			shape = append(shape, "{}")
		case strings.ContainsAny(segment, "{}*"):
			return pathTemplate{}, fmt.Errorf(`%q must be text, "{name}" as a whole segment, or "*" as the last one`, segment)
		default:
			compiled.want(segment, foldSegment(segment), "a")
			shape = append(shape, segment)
		}
	}
	if compiled.open {
		shape = append(shape, "*")
	}
	compiled.rank += end
	compiled.shape = "/" + strings.Join(shape, "/")
	return compiled, nil
}

func (t *pathTemplate) want(fixed, folded, rank string) {
	t.fixed = append(t.fixed, fixed)
	t.folded = append(t.folded, folded)
	t.rank += rank
}

// matches: `/files/*` fits `/files/` and `/files/a/b`, not `/files`. Case counts, and a slash at the end.
func (t *pathTemplate) matches(path readPath) bool {
	asked := path.segments
	if t.open && len(asked) <= len(t.fixed) || !t.open && len(asked) != len(t.fixed) {
		return false
	}
	return slices.EqualFunc(t.fixed, asked[:len(t.fixed)], func(fixed, segment string) bool {
		return fixed == segment || fixed == parameterMark && segment != ""
	})
}

// resembles reports whether a reader less exact than we are may take the path for one that matches.
func (t *pathTemplate) resembles(path readPath) bool {
	wanted := t.folded
	if t.open {
		return len(path.segments) > len(wanted) && beginsLike(path, wanted)
	}
	// A path without a slash at its end may be taken for a template that has one.
	if last := len(wanted) - 1; wanted[last] == "" && path.segments[len(path.segments)-1] != "" {
		wanted = wanted[:last]
	}
	return len(path.segments) == len(wanted) && beginsLike(path, wanted)
}

func beginsLike(path readPath, wanted []string) bool {
	for at, text := range wanted {
		if text == parameterMark {
			if path.segments[at] == "" {
				return false
			}
		} else if !isLike(path.folded[at], text) {
			return false
		}
	}
	return true
}
