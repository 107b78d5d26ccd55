package keys

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
)

// plainURL is scheme, authority without user info, path. Matched before the URL parser sees the text,
// because a parser repairs what should be refused.
var plainURL = regexp.MustCompile(`^(?i:https?)://[^/?#@\\]+(?:/[^?#\\]*)?$`)

var printableASCII = regexp.MustCompile(`^[\x21-\x7e]+$`)

const wellKnown = "/.well-known/jwks.json"

// SetURL is where the keys of an issuer are: jwksURI, or `{issuer}/.well-known/jwks.json` with the path of
// the issuer kept and its trailing slashes removed. It fails for anything but a plain https URL; http needs
// allowHTTP. Spec 5.1.
func SetURL(issuer, jwksURI string, allowHTTP bool) (string, error) {
	if jwksURI != "" {
		location, err := parsePlain(jwksURI, allowHTTP)
		if err != nil {
			return "", err
		}
		return location.String(), nil
	}
	location, err := parsePlain(issuer, allowHTTP)
	if err != nil {
		return "", err
	}
	path := strings.TrimRight(location.EscapedPath(), "/") + wellKnown
	location.Path, location.RawPath = mustUnescape(path), path
	return location.String(), nil
}

func parsePlain(text string, allowHTTP bool) (*url.URL, error) {
	if !printableASCII.MatchString(text) || !plainURL.MatchString(text) {
		return nil, errors.New("must be an http(s) URL in printable ASCII without user info, query or fragment")
	}
	location, err := url.Parse(text)
	if err != nil || location.Hostname() == "" {
		return nil, errors.New("is not a URL")
	}
	if location.Scheme != "https" && !allowHTTP {
		return nil, errors.New("must be https (http needs AllowHTTP)")
	}
	return location, nil
}

// mustUnescape undoes what EscapedPath has just done.
func mustUnescape(path string) string {
	plain, err := url.PathUnescape(path)
	if err != nil {
		return path
	}
	return plain
}
