package keys

import "context"

// KeySet is the keys of one issuer: *RemoteSet, or *InlineSet.
type KeySet interface {
	Find(ctx context.Context, kid string) (Lookup, error)
	Prewarm(ctx context.Context)
	Purge()
}

// InlineSet is keys that stand in the configuration. Nothing is fetched and nothing expires.
type InlineSet struct{ Set *Set }

func (s *InlineSet) Find(_ context.Context, kid string) (Lookup, error) {
	if key, known := s.Set.Keys[kid]; known {
		return Lookup{Present, key}, nil
	}
	return Lookup{Found: UnknownKid}, nil
}

func (s *InlineSet) Prewarm(context.Context) {}

func (s *InlineSet) Purge() {}

// Cache is the sets of the trusted issuers by `iss`, each of its own: a key of one issuer is never found
// for another.
type Cache map[string]KeySet

// Find looks a key of an issuer up; an issuer that is not there has none.
func (c Cache) Find(ctx context.Context, issuer, kid string) (Lookup, error) {
	if set, known := c[issuer]; known {
		return set.Find(ctx, kid)
	}
	return Lookup{Found: UnknownKid}, nil
}
