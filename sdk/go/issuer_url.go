package oathmesh

import (
	"errors"
	"net"
	"net/url"
	"strings"
)

// issuerRoute is the URL of one of an issuer's routes, its path kept. Only https; http is accepted on
// loopback, where nobody is on the way to read the credential.
func issuerRoute(issuer, route string) (string, error) {
	location, err := url.Parse(issuer)
	if err != nil || location.Host == "" {
		// Not the parser's words: they quote the text, which may be a credential in the wrong place.
		return "", errors.New("oathmesh: Issuer: is not a URL")
	}
	if location.Scheme != "https" && !(location.Scheme == "http" && isLoopback(location.Hostname())) {
		return "", errors.New("oathmesh: Issuer: must be https")
	}
	if location.User != nil || location.RawQuery != "" || location.ForceQuery || location.Fragment != "" {
		return "", errors.New("oathmesh: Issuer: must be without user info, query and fragment")
	}
	return strings.TrimRight(location.String(), "/") + route, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
