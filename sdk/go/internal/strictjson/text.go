package strictjson

import (
	"strings"
	"unicode/utf8"
)

func (p *parser) string() (string, error) {
	p.at++
	start := p.at
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '"':
			text := string(p.text[start:p.at])
			p.at++
			return text, nil
		case c == '\\':
			return p.escaped(append([]byte(nil), p.text[start:p.at]...))
		case c < 0x20:
			return "", errSyntax
		default:
			p.at++
		}
	}
	return "", errSyntax
}

// escaped reads on from the first backslash.
func (p *parser) escaped(text []byte) (string, error) {
	for p.at < len(p.text) {
		c := p.text[p.at]
		p.at++
		switch {
		case c == '"':
			return string(text), nil
		case c == '\\':
			var ok bool
			if text, ok = p.escape(text); !ok {
				return "", errSyntax
			}
		case c < 0x20:
			return "", errSyntax
		default:
			text = append(text, c)
		}
	}
	return "", errSyntax
}

const simpleEscapes = `""\\//b` + "\b" + `f` + "\f" + `n` + "\n" + `r` + "\r" + `t` + "\t"

func (p *parser) escape(text []byte) ([]byte, bool) {
	c := p.peek()
	p.at++
	if c == 'u' {
		return p.unicode(text)
	}
	for at := 0; at < len(simpleEscapes); at += 2 {
		if simpleEscapes[at] == c {
			return append(text, simpleEscapes[at+1]), true
		}
	}
	return nil, false
}

func (p *parser) unicode(text []byte) ([]byte, bool) {
	unit, ok := p.hex4()
	if !ok {
		return nil, false
	}
	if unit >= 0xd800 && unit < 0xdc00 && p.at+1 < len(p.text) && p.text[p.at] == '\\' && p.text[p.at+1] == 'u' {
		back := p.at
		p.at += 2
		low, ok := p.hex4()
		if !ok {
			return nil, false
		}
		if low >= 0xdc00 && low < 0xe000 {
			return utf8.AppendRune(text, 0x10000+(unit-0xd800)<<10+(low-0xdc00)), true
		}
		p.at = back
	}
	if isSurrogate(unit) {
		return append(text, 0xe0|byte(unit>>12), 0x80|byte(unit>>6)&0x3f, 0x80|byte(unit)&0x3f), true
	}
	return utf8.AppendRune(text, unit), true
}

func (p *parser) hex4() (rune, bool) {
	if p.at+4 > len(p.text) {
		return 0, false
	}
	var unit rune
	for _, c := range p.text[p.at : p.at+4] {
		digit := strings.IndexByte("0123456789abcdef", c|0x20)
		if digit < 0 || c < '0' {
			return 0, false
		}
		unit = unit<<4 | rune(digit)
	}
	p.at += 4
	return unit, true
}

func isSurrogate(unit rune) bool { return unit >= 0xd800 && unit < 0xe000 }

// WellFormed gives the text in UTF-8: a lone surrogate becomes U+FFFD, as it does wherever JavaScript
// turns text into bytes. Digests and headers are made of this.
func WellFormed(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	var out strings.Builder
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		if r == utf8.RuneError && size == 1 {
			size = surrogateBytes(text[at:])
		}
		out.WriteRune(r)
		at += size
	}
	return out.String()
}

// Units is the length in UTF-16 code units, in which the limits of the protocol's texts are stated.
func Units(text string) int {
	units := 0
	for at := 0; at < len(text); units++ {
		r, size := utf8.DecodeRuneInString(text[at:])
		if r == utf8.RuneError && size == 1 {
			size = surrogateBytes(text[at:])
		}
		if r > 0xffff {
			units++
		}
		at += size
	}
	return units
}

// surrogateBytes is how many bytes the lone surrogate at the beginning takes; 1 for any other byte.
func surrogateBytes(text string) int {
	if len(text) >= 3 && text[0] == 0xed {
		return 3
	}
	return 1
}
