package vectors

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"

	"github.com/oathmesh/oathmesh-go/internal/base64url"
	"github.com/oathmesh/oathmesh-go/internal/keys"
)

// What becomes of a signature; KeyRefused is a key that is not taken from a JWK set.
const (
	Valid      = "valid"
	Invalid    = "invalid"
	KeyRefused = "key_refused"
)

// Signature is one case of a file of signatures (`ed25519*.json`).
type Signature struct {
	File, Name, Result      string
	key, message, signature []byte
}

type signatureFile struct {
	About string            `json:"about"`
	Flags map[string]string `json:"flags"`
	Cases []signatureRow    `json:"cases"`
}

type signatureRow struct {
	Name      string   `json:"name"`
	Comment   string   `json:"comment"`
	Flags     []string `json:"flags"`
	Seed      string   `json:"seed"`
	Key       string   `json:"key"`
	Message   string   `json:"message"`
	Signature string   `json:"signature"`
	Result    string   `json:"result"`
	Jose      string   `json:"jose"`
}

// ReadSignatures reads every file of signatures in the folder. An unknown file or member is an error.
func ReadSignatures(folder string) ([]Signature, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "ed25519*.json"))
	if err != nil {
		return nil, err
	}
	sort.Strings(paths)
	var all []Signature
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		name := filepath.Base(path)
		var file signatureFile
		if err := strict(text, &file); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for at := range file.Cases {
			one, err := readSignature(name, &file.Cases[at])
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", name, file.Cases[at].Name, err)
			}
			all = append(all, one)
		}
	}
	return all, nil
}

func readSignature(file string, row *signatureRow) (Signature, error) {
	one := Signature{File: file, Name: row.Name, Result: row.Result}
	var err error
	switch file {
	case "ed25519.json":
		one.message = []byte(row.Message)
	case "ed25519-rfc8032.json":
		// Good ones only.
		one.Result = Valid
		one.message, err = hex.DecodeString(row.Message)
	default:
		err = errors.New("is no file of signatures that is known")
	}
	if err != nil {
		return one, err
	}
	if one.key, err = hex.DecodeString(row.Key); err != nil {
		return one, err
	}
	one.signature, err = hex.DecodeString(row.Signature)
	return one, err
}

// Judge says what this implementation makes of it, reading the key included.
func (s *Signature) Judge() string {
	const kid = "vector"
	jwks := fmt.Sprintf(`{"keys":[{"kty":"OKP","crv":"Ed25519","kid":%q,"x":%q}]}`, kid, base64url.Encode(s.key))
	set, err := keys.ParseSet([]byte(jwks))
	if err != nil || set.Keys[kid] == nil {
		return KeyRefused
	}
	if keys.Verify(set.Keys[kid].Public, s.message, s.signature) {
		return Valid
	}
	return Invalid
}
