package oathmesh

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// MintErrorKind says whether asking again can help.
type MintErrorKind string

const (
	// Refused: the issuer said no.
	Refused MintErrorKind = "refused"
	// Unavailable: the issuer could not be asked, or could not answer.
	Unavailable MintErrorKind = "unavailable"
)

// MintError is why there is no token. It never holds a token or a credential, not even where an issuer
// writes one into its answer.
type MintError struct {
	Kind MintErrorKind
	// Code is the issuer's word for it, such as `mint_denied`; match on this. Empty without an answer.
	Code string
	// Status is that of the issuer's answer; 0 without one.
	Status int
	// Message is what happened; Fix what to do about it, and may be empty.
	Message, Fix string
	cause        error
}

// Error gives message and fix on one line.
func (e *MintError) Error() string {
	text := "oathmesh: the issuer gave no token: " + e.Message
	if e.Fix != "" {
		text += " Fix: " + e.Fix
	}
	return text
}

// Unwrap is the end of the context, where that is the cause; nil otherwise. Other causes are described by
// the message and not passed on: they may quote what a peer sent.
func (e *MintError) Unwrap() error { return e.cause }

func unavailable(format string, values ...any) *MintError {
	return &MintError{Kind: Unavailable, Message: fmt.Sprintf(format, values...)}
}

const longestQuote = 300

// threeParts is what a token looks like, a cut-off one included.
var threeParts = regexp.MustCompile(`[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?`)

// quote makes text of a peer fit for an error: bounded, on one line, with no character that acts on a
// terminal, and without the secrets.
func quote(text string, secrets ...string) string {
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "[removed]")
		}
	}
	text = threeParts.ReplaceAllString(text, "[removed]")
	var out strings.Builder
	count := 0
	for _, r := range text {
		if count++; count > longestQuote {
			out.WriteString("…")
			break
		}
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			fmt.Fprintf(&out, `\u%04x`, r)
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}
