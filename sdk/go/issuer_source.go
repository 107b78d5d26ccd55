package oathmesh

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// issuerSource fetches tokens from an issuer's `POST /v1/token`. Spec 13.2.
type issuerSource struct {
	location   string
	credential Credential
	exchange   exchange
	patience   patience
	now        func() time.Time
}

type tokenBody struct {
	Subject     string   `json:"sub,omitempty"`
	Audience    string   `json:"aud"`
	Action      string   `json:"act"`
	Lifetime    int64    `json:"ttl_hint"`
	Scope       []string `json:"scope,omitempty"`
	Reason      string   `json:"reason,omitempty"`
	Env         string   `json:"env,omitempty"`
	Tenant      string   `json:"tenant,omitempty"`
	Source      *Source  `json:"src,omitempty"`
	RequestHash string   `json:"rqh,omitempty"`
}

func (s *issuerSource) mint(ctx context.Context, request tokenRequest) (mintedToken, error) {
	credential, err := s.credentialFor(ctx)
	if err != nil {
		return mintedToken{}, err
	}
	body, err := json.Marshal(tokenBody{
		Subject: request.subject, Audience: request.audience, Action: request.action,
		Lifetime: int64(request.lifetime / time.Second), Scope: request.scope, Reason: request.reason,
		Env: request.env, Tenant: request.tenant, Source: request.source, RequestHash: request.rqHash,
	})
	if err != nil {
		return mintedToken{}, unavailable("the request cannot be written as JSON.")
	}
	answer, err := s.ask(ctx, credential, body)
	if err != nil {
		return mintedToken{}, err
	}
	return s.read(answer, request, credential)
}

func (s *issuerSource) credentialFor(ctx context.Context) (string, error) {
	credential, err := s.credential(ctx)
	if err != nil {
		if mintError, ok := err.(*MintError); ok {
			return "", mintError
		}
		if ctx.Err() != nil {
			return "", &MintError{Kind: Unavailable, Message: "the call has ended before there was a credential.", cause: ctx.Err()}
		}
		return "", unavailable("there is no credential to ask with: %s.", quote(err.Error()))
	}
	if err := checkCredential(credential); err != nil {
		return "", unavailable("there is no credential to ask with: it %s.", err)
	}
	return credential, nil
}

// ask waits where the issuer asks to. Minting twice costs an unused token.
func (s *issuerSource) ask(ctx context.Context, credential string, body []byte) (*jsonAnswer, error) {
	for left := s.patience.retries; ; left-- {
		answer, err := s.exchange.json(ctx, http.MethodPost, s.location, credential, body)
		if err != nil {
			return nil, err
		}
		if answer.status != http.StatusServiceUnavailable && answer.status != http.StatusTooManyRequests {
			return answer, nil
		}
		pause, asked := retryAfter(answer.header)
		if !asked || left <= 0 || pause > s.patience.longest {
			return answer, nil
		}
		if err := sleep(ctx, pause); err != nil {
			return nil, &MintError{Kind: Unavailable, Message: "the call has ended before it answered.", cause: err}
		}
	}
}

func (s *issuerSource) read(answer *jsonAnswer, request tokenRequest, credential string) (mintedToken, error) {
	if answer.status < 200 || answer.status > 299 {
		return mintedToken{}, refusalOfIssuer(answer, credential)
	}
	token, _ := answer.body["token"].(string)
	if !isCompact(token) {
		return mintedToken{}, &MintError{Kind: Unavailable, Status: answer.status, Message: "its answer has none."}
	}
	seconds, ok := answer.body["expires_in"].(float64)
	if !ok || seconds <= 0 || seconds > 300 {
		seconds = request.lifetime.Seconds()
	}
	return mintedToken{token, s.now().Add(time.Duration(seconds * float64(time.Second)))}, nil
}

func refusalOfIssuer(answer *jsonAnswer, credential string) *MintError {
	kind := Refused
	if answer.status >= 500 || answer.status == http.StatusTooManyRequests {
		kind = Unavailable
	}
	text := func(name string) string {
		said, _ := answer.body[name].(string)
		return quote(said, credential)
	}
	message := fmt.Sprintf("%d", answer.status)
	for _, said := range []string{text("error"), text("message")} {
		if said != "" {
			message += " " + said
		}
	}
	return &MintError{Kind: kind, Code: text("error"), Status: answer.status, Message: message, Fix: text("fix")}
}

// isCompact: three parts in base64url, as a header can carry them. What an issuer sends goes into a header.
func isCompact(token string) bool {
	if token == "" || len(token) > maxAnswerBytes {
		return false
	}
	dots := 0
	for at := 0; at < len(token); at++ {
		switch c := token[at]; {
		case c == '.':
			dots++
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_':
		default:
			return false
		}
	}
	return dots == 2
}
