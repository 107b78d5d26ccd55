// Package base64url reads base64url in its one canonical spelling.
package base64url

import "encoding/base64"

// Unpadded, and strict about the trailing bits: a lenient decoder lets many texts stand for one signature.
var encoding = base64.RawURLEncoding.Strict()

// Decode decodes unpadded base64url. It reports false for any character outside the alphabet, line
// breaks included, and for trailing bits that encode nothing. RFC 4648, 3.5 and 5.
func Decode(text string) ([]byte, bool) {
	for at := 0; at < len(text); at++ {
		if !inAlphabet(text[at]) {
			// The library skips \r and \n even when it is strict.
			return nil, false
		}
	}
	bytes, err := encoding.DecodeString(text)
	return bytes, err == nil
}

// Encode encodes without padding.
func Encode(bytes []byte) string {
	return base64.RawURLEncoding.EncodeToString(bytes)
}

func inAlphabet(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}
