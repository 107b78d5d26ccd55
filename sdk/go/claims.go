package oathmesh

// Claims of a token. Empty stands for absent, in every member. Spec 1.3.
//
// Texts are UTF-8, but for a lone surrogate, which JSON can spell and UTF-8 cannot: it stands as three bytes
// of its own.
type Claims struct {
	// Issuer is `iss`.
	Issuer string
	// Subject is `sub`: scheme://name.
	Subject string
	// Audience is `aud`.
	Audience string
	// Action is `act`.
	Action string
	// IssuedAt, ExpiresAt and NotBefore are `iat`, `exp` and `nbf`, whole Unix seconds.
	IssuedAt, ExpiresAt, NotBefore int64
	// ID is `jti`.
	ID string
	// Scope is nil when absent.
	Scope  []string
	Reason string
	// Source is `src`; nil when absent.
	Source *Source
	// DelegatedBy, Env and Tenant are the claims of these names.
	DelegatedBy, Env, Tenant string
	// RequestHash is `rqh`.
	RequestHash string
}

// Source is provenance as the issuer stated it. Spec 1.3.
type Source struct {
	Type     string `json:"type,omitempty"`
	Repo     string `json:"repo,omitempty"`
	Workflow string `json:"workflow,omitempty"`
	RunID    string `json:"run_id,omitempty"`
	SHA      string `json:"sha,omitempty"`
}
