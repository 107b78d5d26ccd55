package policy

// Rule is one line of a policy: who may, or may not, do what. Spec 9.1.
type Rule struct {
	// Name is unique in its policy; the audit word of a call it decides is `policy:<name>`.
	Name string
	// Match says which calls it is about. Empty, it is about every call, which only a deny rule may be.
	Match Match
	Allow bool
	// DenyReason is for whoever reads the policy, never sent to a client.
	DenyReason string
}

// Match is conditions on proven claims; all that are given must hold. A text is a glob. A claim that the
// token lacks satisfies no condition, `*` included: Tenant `*` asks for any tenant, but for one.
type Match struct {
	Subject, Action, Env, Tenant, Issuer, Audience string
	SourceType, SourceRepo, SourceWorkflow         string
	// Scope: the token must carry every one of them, compared exactly.
	Scope []string
}

// DefaultRule decides when no other does. It stands last, denies, and may be left out.
const DefaultRule = "default"
