package verify

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// foldSegment makes equal what is equal to some less exact reader: without case (Express, IIS), compatible
// characters as one (full width, the Kelvin sign), `+` as a space (form decoders), without accents and
// invisible characters.
func foldSegment(segment string) string {
	if strings.ContainsFunc(segment, func(r rune) bool { return r >= 0x80 }) {
		segment = strings.Map(func(r rune) rune {
			if unicode.In(r, unicode.M, unicode.Cf) {
				return -1
			}
			return r
		}, norm.NFKD.String(segment))
		// Whole mappings, as of ß to SS; and by way of the capitals, in which more letters are one.
		segment = cases.Lower(language.Und).String(cases.Upper(language.Und).String(segment))
	} else {
		segment = strings.ToLower(segment)
	}
	return trim(strings.ReplaceAll(segment, "+", " "))
}

// isLike reports whether some reader may take one folded segment for the other: they are equal, or one is the
// other up to a dot. Rails and Spring take `.json` off, Windows dots at the end; a file server may add
// `.html`. `a.json` is not like `a.pdf`.
func isLike(one, other string) bool {
	return one == other || isUpToDot(one, other) || isUpToDot(other, one)
}

var dotAhead = regexp.MustCompile(`^ *\.`)

func isUpToDot(short, long string) bool {
	return short != "" && strings.HasPrefix(long, short) && dotAhead.MatchString(long[len(short):])
}
