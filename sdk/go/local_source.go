package oathmesh

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"
)

// localSource signs tokens in this process: no network, and whoever runs it can name any subject.
type localSource struct {
	issuer string
	key    *SigningKey
	now    func() time.Time
}

type payload struct {
	Issuer      string   `json:"iss"`
	Subject     string   `json:"sub"`
	Audience    string   `json:"aud"`
	Action      string   `json:"act"`
	IssuedAt    int64    `json:"iat"`
	ExpiresAt   int64    `json:"exp"`
	ID          string   `json:"jti"`
	Scope       []string `json:"scope,omitempty"`
	Reason      string   `json:"reason,omitempty"`
	Source      *Source  `json:"src,omitempty"`
	Env         string   `json:"env,omitempty"`
	Tenant      string   `json:"tenant,omitempty"`
	RequestHash string   `json:"rqh,omitempty"`
}

func (s *localSource) mint(_ context.Context, request tokenRequest) (mintedToken, error) {
	issuedAt := s.now().Unix()
	expiresAt := issuedAt + int64(request.lifetime/time.Second)
	id, err := newID()
	if err != nil {
		return mintedToken{}, unavailable("the system has no random numbers.")
	}
	token, err := s.key.sign(payload{
		Issuer: s.issuer, Subject: request.subject, Audience: request.audience, Action: request.action,
		IssuedAt: issuedAt, ExpiresAt: expiresAt, ID: id,
		Scope: request.scope, Reason: request.reason, Source: request.source,
		Env: request.env, Tenant: request.tenant, RequestHash: request.rqHash,
	})
	if err != nil {
		return mintedToken{}, unavailable("the claims cannot be written as JSON.")
	}
	return mintedToken{token, time.Unix(expiresAt, 0)}, nil
}

// newID is a random UUID. RFC 9562, 5.4.
func newID() (string, error) {
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		return "", err
	}
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:]), nil
}
