// Package strictjson parses JSON that every parser reads alike.
//
// encoding/json takes the last of two members of one name, matches names without regard to case and
// replaces what is not UTF-8. Each of these lets two verifiers read one token differently.
package strictjson

import (
	"errors"
	"unicode/utf8"
)

// Object is a JSON object. Names and texts are UTF-8, but for a lone surrogate that was written as an
// escape: it stands as three bytes of its own, so that two of them never compare equal (see WellFormed).
type Object map[string]any

// Number is a number as it was written.
type Number string

// Deeper than any text of 64 KiB can be nested; bounds the stack that larger ones can ask for.
const maxDepth = 70_000

// None of these quotes the text: it may hold what was pasted by mistake.
var (
	errEncoding  = errors.New("invalid UTF-8")
	errSyntax    = errors.New("not JSON")
	errDuplicate = errors.New("duplicate member name")
	errDepth     = errors.New("nested too deeply")
)

// Parse gives nil, bool, string, Number, []any or Object. It fails for invalid UTF-8, for a member name
// that stands twice in one object, and for anything else than one JSON text. RFC 8259.
func Parse(text []byte) (any, error) {
	if !utf8.Valid(text) {
		return nil, errEncoding
	}
	p := parser{text: text}
	p.space()
	value, err := p.value(0)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.at != len(text) {
		return nil, errSyntax
	}
	return value, nil
}

type parser struct {
	text []byte
	at   int
}

func (p *parser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

// peek gives 0 at the end, which begins nothing.
func (p *parser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *parser) take(c byte) bool {
	if p.peek() != c {
		return false
	}
	p.at++
	return true
}

func (p *parser) value(depth int) (any, error) {
	if depth > maxDepth {
		return nil, errDepth
	}
	switch c := p.peek(); {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		return p.string()
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	default:
		return p.word()
	}
}

var words = [...]struct {
	text  string
	value any
}{{"null", nil}, {"true", true}, {"false", false}}

func (p *parser) word() (any, error) {
	for _, known := range words {
		if end := p.at + len(known.text); end <= len(p.text) && string(p.text[p.at:end]) == known.text {
			p.at = end
			return known.value, nil
		}
	}
	return nil, errSyntax
}

func (p *parser) object(depth int) (any, error) {
	p.at++
	object := Object{}
	p.space()
	if p.take('}') {
		return object, nil
	}
	for {
		p.space()
		if p.peek() != '"' {
			return nil, errSyntax
		}
		name, err := p.string()
		if err != nil {
			return nil, err
		}
		if _, twice := object[name]; twice {
			return nil, errDuplicate
		}
		p.space()
		if !p.take(':') {
			return nil, errSyntax
		}
		p.space()
		if object[name], err = p.value(depth + 1); err != nil {
			return nil, err
		}
		p.space()
		if p.take('}') {
			return object, nil
		}
		if !p.take(',') {
			return nil, errSyntax
		}
	}
}

func (p *parser) array(depth int) (any, error) {
	p.at++
	items := []any{}
	p.space()
	if p.take(']') {
		return items, nil
	}
	for {
		p.space()
		item, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
		p.space()
		if p.take(']') {
			return items, nil
		}
		if !p.take(',') {
			return nil, errSyntax
		}
	}
}

func (p *parser) number() (any, error) {
	start := p.at
	p.take('-')
	if !p.take('0') && !p.digits() {
		return nil, errSyntax
	}
	if p.take('.') && !p.digits() {
		return nil, errSyntax
	}
	if p.take('e') || p.take('E') {
		if !p.take('+') {
			p.take('-')
		}
		if !p.digits() {
			return nil, errSyntax
		}
	}
	return Number(p.text[start:p.at]), nil
}

func (p *parser) digits() bool {
	start := p.at
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.at++
	}
	return p.at > start
}
