package vectors

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/oathmesh/oathmesh-go/internal/base64url"
)

// Recipe is what differs from the base token.
type Recipe struct {
	Header           map[string]any `json:"header"`
	HeaderWithout    []string       `json:"header_without"`
	HeaderText       *string        `json:"header_text"`
	HeaderSegment    *string        `json:"header_segment"`
	Claims           map[string]any `json:"claims"`
	Without          []string       `json:"without"`
	PayloadText      *string        `json:"payload_text"`
	PayloadSegment   *string        `json:"payload_segment"`
	SignatureSegment *string        `json:"signature_segment"`
	SignatureOf      *Recipe        `json:"signature_of"`
	Key              string         `json:"key"`
}

// TestKey is one of the published keys of RFC 8032, 7.1. Nobody may trust them outside tests.
type TestKey struct {
	Kid  string
	seed string
}

// Keys by their name in recipes: TEST 1 to 3.
var Keys = map[string]TestKey{
	"trusted":  {"issuer-key-2026-04-a3f1", "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"},
	"second":   {"second-key", "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"},
	"stranger": {"issuer-key-2026-04-a3f1", "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"},
}

// Private is the private half.
func (k TestKey) Private() ed25519.PrivateKey {
	seed, err := hex.DecodeString(k.seed)
	if err != nil {
		panic(err)
	}
	return ed25519.NewKeyFromSeed(seed)
}

// JWKS is the public half as a JWK set.
func (k TestKey) JWKS() string {
	x := base64url.Encode(k.Private().Public().(ed25519.PublicKey))
	return fmt.Sprintf(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":%q,"kid":%q,"alg":"EdDSA","use":"sig"}]}`, x, k.Kid)
}

// Cook makes the token of a recipe. Its id is its own unless the recipe gives one.
func Cook(recipe *Recipe, jti string) (string, error) {
	if recipe == nil {
		recipe = &Recipe{}
	}
	header, err := segment(recipe.HeaderSegment, recipe.HeaderText, map[string]any{
		"typ": "om+jwt", "alg": "EdDSA", "kid": Keys["trusted"].Kid,
	}, recipe.Header, recipe.HeaderWithout)
	if err != nil {
		return "", err
	}
	payload, err := segment(recipe.PayloadSegment, recipe.PayloadText, map[string]any{
		"iss": "https://issuer.example.test", "sub": "agent://repo/acme/deploy-bot",
		"aud": "https://inventory.internal", "act": "inventory.write",
		"iat": 1_774_911_000, "nbf": 1_774_911_000, "exp": 1_774_911_120, "jti": jti,
	}, recipe.Claims, recipe.Without)
	if err != nil {
		return "", err
	}
	signature, err := signatureOf(recipe, header+"."+payload, jti)
	return header + "." + payload + "." + signature, err
}

func signatureOf(recipe *Recipe, input, jti string) (string, error) {
	if recipe.SignatureSegment != nil {
		return *recipe.SignatureSegment, nil
	}
	if recipe.SignatureOf != nil {
		other, err := Cook(recipe.SignatureOf, jti)
		return other[strings.LastIndexByte(other, '.')+1:], err
	}
	name := recipe.Key
	if name == "" {
		name = "trusted"
	}
	key, known := Keys[name]
	if !known {
		return "", fmt.Errorf("no key %q", name)
	}
	return base64url.Encode(ed25519.Sign(key.Private(), []byte(input))), nil
}

func segment(encoded, text *string, base, changes map[string]any, without []string) (string, error) {
	if encoded != nil {
		return *encoded, nil
	}
	if text != nil {
		return base64url.Encode([]byte(*text)), nil
	}
	for name, value := range changes {
		base[name] = value
	}
	for _, name := range without {
		delete(base, name)
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(base)
	return base64url.Encode(bytes.TrimSuffix(out.Bytes(), []byte("\n"))), err
}

// IDFrom is the id of the token of a case: a UUID that belongs to a name.
func IDFrom(name string) string {
	sum := sha256.Sum256([]byte(name))
	digits := hex.EncodeToString(sum[:])
	return fmt.Sprintf("%s-%s-4%s-8%s-%s", digits[:8], digits[8:12], digits[13:16], digits[17:20], digits[20:32])
}
