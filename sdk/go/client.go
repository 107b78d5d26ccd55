package oathmesh

import (
	"context"
	"errors"
	"net/http"
)

// Client calls an API behind OathMesh, with one fresh token per request that is sent. It is one audience
// and one action; make another for another. Safe for use by several goroutines at once.
type Client struct {
	options Options
	source  tokenSource
	pool    *tokenPool
}

// New makes a client. It asks nothing of anybody yet; the error names the option at fault.
func New(options Options) (*Client, error) {
	checked, err := options.checked()
	if err != nil {
		return nil, err
	}
	client := &Client{options: checked, source: sourceOf(checked)}
	client.pool = &tokenPool{
		source: client.source, request: client.request(""), size: checked.Prefetch, now: checked.Now,
	}
	return client, nil
}

// HTTPClient sends requests through RoundTrip. Redirects come back as answers: the token has been spent by
// then, and the next host must not get another.
func (c *Client) HTTPClient() *http.Client {
	return &http.Client{
		Transport:     c,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Authorization gives the value of the header for one request that something else sends: it must be sent
// once, exactly as it stands. Reads and restores its body where tokens are bound. It fails with *MintError.
func (c *Client) Authorization(request *http.Request) (string, error) {
	if request == nil {
		return "", errors.New("oathmesh: Authorization: needs the request")
	}
	call, err := c.prepare(request)
	if err != nil {
		return "", err
	}
	if call.body != nil {
		request.Body = call.open()
		request.GetBody = nil
	}
	token, err := c.token(request.Context(), call)
	if err != nil {
		return "", err
	}
	return "OathMesh " + token, nil
}

// token is one that nobody has had before.
func (c *Client) token(ctx context.Context, call *preparedCall) (string, error) {
	if c.options.Binding == BindingOff {
		return c.pool.take(ctx)
	}
	hash, err := RequestHash(c.options.Binding, call.line, call.body)
	if err != nil {
		return "", err
	}
	minted, err := c.source.mint(ctx, c.request(hash))
	return minted.token, err
}

func (c *Client) request(hash string) tokenRequest {
	o := c.options
	return tokenRequest{
		subject: o.Subject, audience: o.Audience, action: o.Action, lifetime: o.Lifetime,
		scope: o.Scope, reason: o.Reason, env: o.Env, tenant: o.Tenant, source: o.Source, rqHash: hash,
	}
}

func sourceOf(o Options) tokenSource {
	if o.Key != nil {
		return &localSource{issuer: o.Issuer, key: o.Key, now: o.Now}
	}
	// checked() has seen that this is a URL.
	location, _ := issuerRoute(o.Issuer, "/v1/token")
	return &issuerSource{
		location:   location,
		credential: o.Credential,
		exchange:   exchange{transport: o.Transport, timeout: o.Timeout},
		patience:   patience{retries: o.Retries, longest: o.LongestWait},
		now:        o.Now,
	}
}
