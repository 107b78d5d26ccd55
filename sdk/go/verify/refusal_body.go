package verify

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	oathmesh "github.com/oathmesh/oathmesh-go"
)

// retryAfterSeconds after which a caller may try again when something we depend on was away.
const retryAfterSeconds = "1"

type refusalBody struct {
	Error     string `json:"error"`
	Message   string `json:"message"`
	Fix       string `json:"fix"`
	Step      int    `json:"step,omitempty"`
	RequestID string `json:"request_id"`
	// What a caller should mint for, with 401. Issuer is one name, or a list of several, as `aud` is in a JWT.
	Issuer   any                  `json:"issuer,omitempty"`
	Audience string               `json:"audience,omitempty"`
	Binding  oathmesh.BindingMode `json:"binding,omitempty"`
}

// refuse answers the client. All but the request id comes from the table of refusals and the configuration.
func (v *Verifier) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var denial *Denial
	if !errors.As(err, &denial) {
		denial = deny("internal_error", "")
	}
	body := refusalBody{
		Error: denial.Code, Message: denial.Message, Fix: denial.Fix, Step: denial.Step, RequestID: requestID(r),
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	switch denial.Status {
	case http.StatusUnauthorized:
		header.Set("WWW-Authenticate", `OathMesh realm="`+v.config.Realm+`"`)
		if !v.config.MinimalChallenge {
			v.tell(&body)
		}
	case http.StatusServiceUnavailable:
		header.Set("Retry-After", retryAfterSeconds)
	}
	if denial.Reason == "deadline_exceeded" || denial.Status == http.StatusRequestEntityTooLarge {
		// The rest of the body is not waited for.
		header.Set("Connection", "close")
	}
	text, _ := json.Marshal(body)
	w.WriteHeader(denial.Status)
	_, _ = w.Write(text)
}

// tell says what a caller has to mint.
func (v *Verifier) tell(body *refusalBody) {
	issuers := make([]string, 0, len(v.config.Issuers))
	for _, issuer := range v.config.Issuers {
		issuers = append(issuers, issuer.Issuer)
	}
	body.Issuer = issuers
	if len(issuers) == 1 {
		body.Issuer = issuers[0]
	}
	body.Audience, body.Binding = v.config.Audience, v.config.Binding.Mode
}

// requestID is that of a proxy in front where it is plain, else a new one.
func requestID(r *http.Request) string {
	if id := r.Header.Get("X-Request-Id"); id != "" && len(id) <= 128 && !strings.ContainsFunc(id, isOdd) {
		return id
	}
	var id [16]byte
	// Never fails on the systems that Go runs on; an id of zeros would be harmless.
	_, _ = rand.Read(id[:])
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

func isOdd(r rune) bool { return r <= 0x20 || r >= 0x7f || strings.ContainsRune(`"\<>`, r) }
