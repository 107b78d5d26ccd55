package oathmesh

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"

	"github.com/oathmesh/oathmesh-go/internal/base64url"
)

// SigningKey is a private Ed25519 key and the name under which its public half is published. It prints as
// its name alone.
type SigningKey struct {
	kid     string
	private ed25519.PrivateKey
}

// PublicJWK is a public Ed25519 key as a JWK set publishes it. RFC 8037, 2.
type PublicJWK struct {
	KeyType   string `json:"kty"`
	Curve     string `json:"crv"`
	X         string `json:"x"`
	KeyID     string `json:"kid"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
}

// ReadSigningKey reads a private Ed25519 key, PKCS#8 in PEM. Its kid is the RFC 7638 thumbprint unless one
// is given, so that every holder of the file names the key alike. The error quotes nothing of the text.
func ReadSigningKey(pemText []byte, kid string) (*SigningKey, error) {
	block, _ := pem.Decode(pemText)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, errors.New("not a private key in PEM (PKCS#8, \"BEGIN PRIVATE KEY\")")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("not a private key in PKCS#8")
	}
	private, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, errors.New("not an Ed25519 key")
	}
	return NewSigningKey(private, kid)
}

// NewSigningKey names a key that is in memory already; see ReadSigningKey for the kid.
func NewSigningKey(private ed25519.PrivateKey, kid string) (*SigningKey, error) {
	if len(private) != ed25519.PrivateKeySize {
		return nil, errors.New("not an Ed25519 key")
	}
	key := &SigningKey{kid: kid, private: private}
	if kid == "" {
		key.kid = key.thumbprint()
	}
	return key, nil
}

// KeyID is the name under which the public half is published.
func (k *SigningKey) KeyID() string { return k.kid }

// PublicJWK is the public half.
func (k *SigningKey) PublicJWK() PublicJWK {
	return PublicJWK{KeyType: "OKP", Curve: "Ed25519", X: k.x(), KeyID: k.kid, Use: "sig", Algorithm: "EdDSA"}
}

// String and GoString keep the private half out of whatever is printed.
func (k *SigningKey) String() string { return "SigningKey(" + k.kid + ")" }

// GoString is what %#v prints.
func (k *SigningKey) GoString() string { return k.String() }

// sign makes an `om+jwt` of the claims in JWS compact serialization. RFC 7515, 7.1; spec 1.
func (k *SigningKey) sign(claims any) (string, error) {
	header, err := json.Marshal(map[string]string{"typ": "om+jwt", "alg": "EdDSA", "kid": k.kid})
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	input := base64url.Encode(header) + "." + base64url.Encode(payload)
	return input + "." + base64url.Encode(ed25519.Sign(k.private, []byte(input))), nil
}

// thumbprint is RFC 7638, 3, over the required members of RFC 8037, 2.
func (k *SigningKey) thumbprint() string {
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + k.x() + `"}`))
	return base64url.Encode(sum[:])
}

func (k *SigningKey) x() string {
	return base64url.Encode(k.private.Public().(ed25519.PublicKey))
}
