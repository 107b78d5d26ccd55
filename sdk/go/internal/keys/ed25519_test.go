package keys_test

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/oathmesh/oathmesh-go/internal/base64url"
	"github.com/oathmesh/oathmesh-go/internal/keys"
)

type signatureCase struct {
	Name, Key, Message, Signature, Result, Seed string
}

func readCases(t *testing.T, name string) []signatureCase {
	t.Helper()
	text, err := os.ReadFile("../../../../test/vectors/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []signatureCase }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file.Cases
}

func bytesOf(t *testing.T, text string) []byte {
	t.Helper()
	bytes, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return bytes
}

// The verdict is that of the core for every one: points and scalars on which libraries disagree included.
func TestEd25519Vectors(t *testing.T) {
	cases := readCases(t, "ed25519.json")
	for _, one := range cases {
		t.Run(one.Name, func(t *testing.T) {
			jwks := fmt.Sprintf(`{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":%q}]}`, base64url.Encode(bytesOf(t, one.Key)))
			got := "key_refused"
			if set, err := keys.ParseInline([]byte(jwks)); err == nil {
				got = "invalid"
				if keys.Verify(set.Keys["k"].Public, []byte(one.Message), bytesOf(t, one.Signature)) {
					got = "valid"
				}
			}
			if got != one.Result {
				t.Errorf("got %s, want %s", got, one.Result)
			}
		})
	}
	if len(cases) < 130 {
		t.Errorf("only %d cases", len(cases))
	}
}

func TestRFC8032(t *testing.T) {
	for _, one := range readCases(t, "ed25519-rfc8032.json") {
		private := ed25519.NewKeyFromSeed(bytesOf(t, one.Seed))
		message, signature := bytesOf(t, one.Message), bytesOf(t, one.Signature)
		if hex.EncodeToString(private.Public().(ed25519.PublicKey)) != one.Key {
			t.Errorf("%s: another public key", one.Name)
		}
		if hex.EncodeToString(ed25519.Sign(private, message)) != one.Signature {
			t.Errorf("%s: another signature", one.Name)
		}
		if !keys.Verify(bytesOf(t, one.Key), message, signature) {
			t.Errorf("%s: does not verify", one.Name)
		}
	}
}
