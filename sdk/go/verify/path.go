package verify

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// rawPath is RFC 3986, 3.3: `pchar`, and `/` between segments. All else only reaches us from who tries.
var rawPath = regexp.MustCompile(`^(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*)+$`)

// pathSegments gives the decoded segments of a raw request path, or false when two servers might read it
// differently. What may stand there is listed, and nothing is repaired: a path that is not of RFC 3986's
// characters, with a dot segment, an empty segment before the last, broken encoding or an encoded separator
// is not read at all, however harmless its repaired form looks.
func pathSegments(raw string) ([]string, bool) {
	if !rawPath.MatchString(raw) {
		return nil, false
	}
	segments := strings.Split(raw[1:], "/")
	for at, segment := range segments {
		decoded, err := url.PathUnescape(segment)
		if err != nil || !utf8.ValidString(decoded) {
			return nil, false
		}
		if !isPlainSegment(decoded) && (decoded != "" || at != len(segments)-1) {
			return nil, false
		}
		segments[at] = decoded
	}
	return segments, true
}

// isPlainSegment reports whether a decoded segment, not an empty one, is one that every reader takes for the
// same. `/` and `\` are separators to some upstream, `;` starts parameters that servlet containers cut off,
// `#` and `?` end the path of one that decodes before it parses, `%` would be decoded a second time, controls
// end strings early; white space at the edge is trimmed, and dots alone lead elsewhere.
func isPlainSegment(segment string) bool {
	if segment == "" || strings.ContainsAny(segment, `/\;#?%`) || strings.ContainsFunc(segment, unicode.IsControl) {
		return false
	}
	first, _ := utf8.DecodeRuneInString(segment)
	final, _ := utf8.DecodeLastRuneInString(segment)
	return !isAnySpace(first) && !isAnySpace(final) && strings.TrimFunc(segment, isDotOrSpace) != ""
}

// isSpace is ECMAScript's white space, which every implementation trims.
func isSpace(r rune) bool { return r == 0xfeff || r != 0x85 && unicode.IsSpace(r) }

func isAnySpace(r rune) bool { return isSpace(r) || unicode.Is(unicode.Z, r) }

func isDotOrSpace(r rune) bool { return r == '.' || isAnySpace(r) }
