package keys

// Found says how a look-up ended.
type Found int

const (
	// Present: the issuer's last good document holds the key.
	Present Found = iota
	// UnknownKid: the document is good and does not hold it.
	UnknownKid
	// InvalidDocument: the issuer answered with something that is not a usable JWK set.
	InvalidDocument
	// Unreachable: no answer from the issuer and nothing cached.
	Unreachable
)

// Lookup is the answer to one question for a key; Key is there with Present only.
type Lookup struct {
	Found Found
	Key   *Key
}
