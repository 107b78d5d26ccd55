package vectors

import (
	"context"
	"encoding/base64"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	oathmesh "github.com/oathmesh/oathmesh-go"
	"github.com/oathmesh/oathmesh-go/replay"
	"github.com/oathmesh/oathmesh-go/verify"
)

const (
	// Now is where every clock stands unless the case says otherwise: Unix seconds.
	Now = 1_774_911_060
	// Start is from when on the process under test has been running.
	Start = 1_774_900_000
)

// Run gives what becomes of a case. An error is a fault of the vector, not a refusal.
func Run(c *Case) (Outcome, error) {
	verifier, err := verifierFor(c)
	if err != nil {
		return Outcome{}, err
	}
	token, err := tokenOf(c)
	if err != nil {
		return Outcome{}, err
	}
	for at := range c.Before {
		earlier, err := Cook(&c.Before[at], IDFrom("-"))
		if err != nil {
			return Outcome{}, err
		}
		decide(verifier, c, []string{"OathMesh " + earlier})
	}
	authorization := authorizationOf(c, token)
	for use := 0; use < c.Uses; use++ {
		decide(verifier, c, authorization)
	}
	return decide(verifier, c, authorization), nil
}

func verifierFor(c *Case) (*verify.Verifier, error) {
	config, err := configOf(c.Settings)
	if err != nil {
		return nil, err
	}
	now := float64(Now)
	if c.Now != nil {
		now = *c.Now
	}
	config.Now = func() time.Time { return time.UnixMilli(int64(math.Round(now * 1000))) }
	config.Replay = revoking{c.Revoked, replay.NewMemorySince(100, time.Unix(Start, 0))}
	return verify.New(config)
}

// revoking lends the memory store a list of revoked subjects.
type revoking struct {
	revoked []string
	store   replay.Store
}

func (r revoking) Claim(ctx context.Context, use replay.Use, now float64) (replay.Outcome, error) {
	if slices.Contains(r.revoked, use.Subject) {
		return replay.Revoked, nil
	}
	return r.store.Claim(ctx, use, now)
}

func tokenOf(c *Case) (string, error) {
	if c.Token == nil {
		return Cook(nil, IDFrom(c.Name))
	}
	if c.Token.Literal != nil {
		return *c.Token.Literal, nil
	}
	return Cook(c.Token.Recipe, IDFrom(c.Name))
}

func authorizationOf(c *Case, token string) []string {
	if c.Authorization == nil {
		return []string{"OathMesh " + token}
	}
	var values []string
	for _, value := range c.Authorization.Values {
		values = append(values, strings.ReplaceAll(value, "{token}", token))
	}
	return values
}

func decide(verifier *verify.Verifier, c *Case, authorization []string) Outcome {
	_, err := verifier.Verify(context.Background(), callOf(c, authorization))
	var denial *verify.Denial
	if errors.As(err, &denial) {
		return Outcome{Code: denial.Code, Step: denial.Step, Reason: denial.AuditReason(), Status: denial.Status}
	}
	return Outcome{Allow: true}
}

func callOf(c *Case, authorization []string) verify.Call {
	call := verify.Call{Authorization: authorization, Line: oathmesh.RequestLine{Method: "GET", RawPath: "/"}}
	if c.Connection != nil {
		call.Connection = []string{*c.Connection}
	}
	if c.Request == nil {
		return call
	}
	call.Line.Method = c.Request.Method
	call.Line.RawPath, call.Line.RawQuery, _ = strings.Cut(c.Request.Path, "?")
	if body := bodyOf(c.Request); len(body) > 0 {
		call.Body = func(context.Context, int64) ([]byte, error) { return body, nil }
	}
	return call
}

func bodyOf(request *Request) []byte {
	if request.BodyBase64 != nil {
		body, err := base64.StdEncoding.DecodeString(*request.BodyBase64)
		if err != nil {
			panic(err)
		}
		return body
	}
	if request.Body != nil {
		return []byte(*request.Body)
	}
	return nil
}
