package keys

import (
	"crypto/ed25519"
	"errors"
	"fmt"

	"github.com/oathmesh/oathmesh-go/internal/base64url"
	"github.com/oathmesh/oathmesh-go/internal/strictjson"
)

// maxKidLength bounds what a caller can make us remember: no longer kid is ever looked for. UTF-16 units.
const maxKidLength = 256

// privateMembers are those of every key type. Whoever publishes one has lost the key. RFC 7518, 6.
var privateMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv", "seed"}

// Key may verify signatures of one issuer.
type Key struct {
	Kid    string
	Public ed25519.PublicKey
}

// readJWK imports one public Ed25519 key. The error says why not and quotes no value. RFC 8037, 2; spec 5.2.
func readJWK(value any) (*Key, error) {
	jwk, err := strictjson.AsObject(value)
	if err != nil {
		return nil, errors.New("is not an object")
	}
	kid, ok := jwk["kid"].(string)
	if !ok || kid == "" || strictjson.Units(kid) > maxKidLength {
		return nil, fmt.Errorf("kid is not a string of 1 to %d characters", maxKidLength)
	}
	for _, name := range privateMembers {
		if jwk.Has(name) {
			return nil, errors.New("holds a private key")
		}
	}
	if err := checkPurpose(jwk); err != nil {
		return nil, err
	}
	public, err := readPoint(jwk["x"])
	if err != nil {
		return nil, err
	}
	return &Key{Kid: kid, Public: public}, nil
}

func checkPurpose(jwk strictjson.Object) error {
	if jwk["kty"] != "OKP" {
		return errors.New("kty is not OKP")
	}
	if jwk["crv"] != "Ed25519" {
		return errors.New("crv is not Ed25519")
	}
	if jwk.Has("use") && jwk["use"] != "sig" {
		return errors.New("use is not sig")
	}
	if jwk.Has("alg") && jwk["alg"] != "EdDSA" {
		return errors.New("alg is not EdDSA")
	}
	if !jwk.Has("key_ops") {
		return nil
	}
	operations, _ := jwk["key_ops"].([]any)
	for _, operation := range operations {
		if operation == "verify" {
			return nil
		}
	}
	return errors.New("key_ops lacks verify")
}

func readPoint(x any) (ed25519.PublicKey, error) {
	text, ok := x.(string)
	if !ok {
		return nil, errors.New("x is not a string")
	}
	bytes, ok := base64url.Decode(text)
	if !ok {
		return nil, errors.New("x is not base64url")
	}
	if err := checkPoint(bytes); err != nil {
		return nil, err
	}
	return bytes, nil
}
