package oathmesh

import (
	"context"
	"time"
)

// tokenRequest is what one token is to say. Spec 1.3, 13.2.
type tokenRequest struct {
	subject, audience, action   string
	lifetime                    time.Duration
	scope                       []string
	reason, env, tenant, rqHash string
	source                      *Source
}

type mintedToken struct {
	token string
	// On this machine's clock.
	expiresAt time.Time
}

// tokenSource makes tokens, each for one call. It fails with *MintError, or the end of the context.
type tokenSource interface {
	mint(ctx context.Context, request tokenRequest) (mintedToken, error)
}
