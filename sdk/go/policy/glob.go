package policy

import "strings"

// compileGlob makes a matcher of a pattern in which each `*` stands for any run of characters, the empty
// run included. Everything else is literal: the match covers the whole text, heeds case, and `/` is not
// special.
//
// Time is linear in the text, whatever the text. Pieces between stars are sought from left to right and
// never tried again: if the leftmost place for a piece does not leave room for the rest, no later place
// does. That is why no regular expression is involved. Spec 9.2.
func compileGlob(pattern string) func(text string) bool {
	pieces := strings.Split(pattern, "*")
	if len(pieces) == 1 {
		return func(text string) bool { return text == pattern }
	}
	prefix, suffix := pieces[0], pieces[len(pieces)-1]
	middle := pieces[1 : len(pieces)-1]
	shortest := len(pattern) - (len(pieces) - 1)
	return func(text string) bool {
		// The length keeps prefix and suffix from sharing characters: `ab*ba` does not match `aba`.
		if len(text) < shortest || !strings.HasPrefix(text, prefix) || !strings.HasSuffix(text, suffix) {
			return false
		}
		return inOrder(text[len(prefix):len(text)-len(suffix)], middle)
	}
}

// inOrder reports whether the pieces stand in the text, one after the other.
func inOrder(text string, pieces []string) bool {
	for _, piece := range pieces {
		at := strings.Index(text, piece)
		if at < 0 {
			return false
		}
		text = text[at+len(piece):]
	}
	return true
}

// Glob compiles a pattern such as `agent://repo/acme/*`: each `*` stands for any text.
func Glob(pattern string) func(text string) bool { return compileGlob(pattern) }
