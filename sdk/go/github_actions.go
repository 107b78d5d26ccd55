package oathmesh

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"time"
)

const githubTimeout = 10 * time.Second

// GitHubActions is the identity of a GitHub Actions job as a credential: an OIDC token for the issuer,
// fetched anew each time because it lives for minutes. audience is the one the issuer expects, usually its
// own URL. It fails outside of a job with `permissions: id-token: write`.
func GitHubActions(audience string) (Credential, error) {
	return githubActions(audience, os.Getenv, http.DefaultTransport)
}

func githubActions(audience string, env func(string) string, transport http.RoundTripper) (Credential, error) {
	address, secret := env("ACTIONS_ID_TOKEN_REQUEST_URL"), env("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
	target, err := url.Parse(address)
	if address == "" || secret == "" || err != nil {
		return nil, errors.New(`oathmesh: not a GitHub Actions job with "permissions: id-token: write"`)
	}
	query := target.Query()
	query.Set("audience", audience)
	target.RawQuery = query.Encode()
	ask := exchange{transport: transport, timeout: githubTimeout}
	return func(ctx context.Context) (string, error) {
		answer, err := ask.json(ctx, http.MethodGet, target.String(), secret, nil)
		if err != nil {
			return "", err
		}
		identity, _ := answer.body["value"].(string)
		if answer.status != http.StatusOK || checkCredential(identity) != nil {
			return "", unavailable("GitHub gave no identity token (status %d).", answer.status)
		}
		return identity, nil
	}, nil
}
