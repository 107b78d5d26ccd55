package keys

import (
	"errors"
	"fmt"

	"github.com/oathmesh/oathmesh-go/internal/strictjson"
)

// maxKeys is far above any rotation; it bounds the work one document can cause.
const maxKeys = 100

// Set is what a good document says: the usable keys by kid, and why each of the others was dropped.
type Set struct {
	Keys    map[string]*Key
	Dropped []string
}

// ParseSet reads a document as fetched or configured.
//
// An unusable key is dropped alone; a set without usable keys is a good document, because that is how an
// issuer withdraws all of them. It fails when the whole is no JWK set, is too large, or gives two entries
// one kid: which was meant, only the sender of the next token would decide. RFC 7517, 5; spec 5.2.
func ParseSet(text []byte) (*Set, error) {
	value, err := strictjson.Parse(text)
	if err != nil {
		return nil, errors.New("is not JSON in UTF-8 with unique member names")
	}
	entries, err := entriesOf(value)
	if err != nil {
		return nil, err
	}
	set := &Set{Keys: map[string]*Key{}}
	for at, entry := range entries {
		key, err := readJWK(entry)
		if err != nil {
			set.Dropped = append(set.Dropped, fmt.Sprintf("keys[%d] %s", at, err))
			continue
		}
		set.Keys[key.Kid] = key
	}
	return set, nil
}

func entriesOf(value any) ([]any, error) {
	object, err := strictjson.AsObject(value)
	if err != nil {
		return nil, errors.New("is not a JSON object")
	}
	entries, ok := object["keys"].([]any)
	if !ok {
		return nil, errors.New(`has no list "keys"`)
	}
	if len(entries) > maxKeys {
		return nil, fmt.Errorf("has more than %d keys", maxKeys)
	}
	kids := map[string]bool{}
	for _, entry := range entries {
		object, _ := entry.(strictjson.Object)
		kid, ok := object["kid"].(string)
		if !ok {
			continue
		}
		if kids[kid] {
			return nil, errors.New("gives one kid to two keys")
		}
		kids[kid] = true
	}
	return entries, nil
}

// ParseInline reads a set that stands in the configuration. Any entry that cannot be used is an error: who
// wrote it can mend it now.
func ParseInline(text []byte) (*Set, error) {
	set, err := ParseSet(text)
	if err != nil {
		return nil, err
	}
	if len(set.Dropped) > 0 {
		return nil, errors.New(set.Dropped[0])
	}
	if len(set.Keys) == 0 {
		return nil, errors.New("has no key")
	}
	return set, nil
}
