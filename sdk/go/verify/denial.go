package verify

import "fmt"

// Denial is one refusal. Code, Status, Message and Fix may go to the caller; Reason, Rule and Detail are for
// the operator. It never holds a token.
type Denial struct {
	// Reason is the audit word, without the name of the rule.
	Reason Reason
	// Code is machine-readable and part of the contract with callers: match on this. Spec 3.3.
	Code string
	// Step is the protocol's label of the check, 1 to 14; 0 for what is refused before step 1.
	Step int
	// Status is that of the HTTP answer: 400, 401, 403, 413 or 503.
	Status int
	// Message and Fix are constants per reason: what happened, and what to do about it.
	Message, Fix string
	// Rule of the policy that decided.
	Rule string
	// Detail is for the log and the operator; never sent to the client. Texts that the token brought are quoted.
	Detail string
}

// Error gives code and message.
func (d *Denial) Error() string {
	return fmt.Sprintf("oathmesh: %s (step %d): %s", d.Code, d.Step, d.Message)
}

// AuditReason is the word for an audit line: the reason, for a policy with the rule.
func (d *Denial) AuditReason() string {
	if d.Reason == "policy" {
		return "policy:" + d.Rule
	}
	return string(d.Reason)
}

// deny refuses. The pipeline stamps the step.
func deny(reason Reason, detail string) *Denial {
	row, known := refusals[reason]
	if !known {
		reason, row = "internal_error", refusals["internal_error"]
	}
	return &Denial{Reason: reason, Code: row.code, Status: row.status, Message: row.message, Fix: row.fix, Detail: detail}
}
