package oathmesh_test

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	oathmesh "github.com/oathmesh/oathmesh-go"
	"github.com/oathmesh/oathmesh-go/policy"
	"github.com/oathmesh/oathmesh-go/replay"
	"github.com/oathmesh/oathmesh-go/verify"
)

// A key of one's own; issuers are where keys belong.
var exampleKey, _ = oathmesh.NewSigningKey(ed25519.NewKeyFromSeed([]byte("a seed of thirty-two known bytes")), "example")

// exampleService is a service that verifies for itself, with a store that also knows tokens of this second.
func exampleService() *httptest.Server {
	x := exampleKey.PublicJWK().X
	verifier, err := verify.New(verify.Config{
		Audience: "https://inventory.internal",
		Issuers: []verify.Issuer{{
			Issuer: "https://issuer.example.com",
			JWKS:   `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"example","x":"` + x + `"}]}`,
		}},
		Policy:  policy.AllowAll,
		Replay:  replay.NewMemorySince(1000, time.Now().Add(-time.Minute)),
		Binding: verify.Binding{Mode: oathmesh.BindingStrict},
	})
	if err != nil {
		panic(err)
	}
	return httptest.NewServer(verifier.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, _ := verify.FromContext(r.Context())
		fmt.Fprintf(w, "%s may %s", caller.Claims.Subject, caller.Claims.Action)
	})))
}

func Example() {
	service := exampleService()
	defer service.Close()

	client, err := oathmesh.New(oathmesh.Options{
		Issuer:   "https://issuer.example.com",
		Key:      exampleKey, // or Credential: oathmesh.FileCredential("/var/run/secrets/tokens/oathmesh")
		Subject:  "svc://shop/cart",
		Audience: "https://inventory.internal",
		Action:   "inventory.write",
		Binding:  oathmesh.BindingStrict,
	})
	if err != nil {
		panic(err)
	}
	for range 2 {
		response, err := client.HTTPClient().Post(service.URL+"/v1/items?dry=1", "application/json", strings.NewReader(`{"sku":"A-1"}`))
		if err != nil {
			panic(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		fmt.Println(response.StatusCode, string(body))
	}
	// Output:
	// 200 svc://shop/cart may inventory.write
	// 200 svc://shop/cart may inventory.write
}

func ExampleClient_Authorization() {
	service := exampleService()
	defer service.Close()
	client, err := oathmesh.New(oathmesh.Options{
		Issuer: "https://issuer.example.com", Key: exampleKey, Subject: "svc://shop/cart",
		Audience: "https://inventory.internal", Action: "inventory.read", Binding: oathmesh.BindingStrict,
	})
	if err != nil {
		panic(err)
	}
	request, _ := http.NewRequest("GET", service.URL+"/v1/items", nil)
	authorization, err := client.Authorization(request)
	if err != nil {
		panic(err)
	}
	request.Header.Set("Authorization", authorization)
	for range 2 {
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			panic(err)
		}
		response.Body.Close()
		fmt.Println(response.StatusCode)
	}
	// Output:
	// 200
	// 401
}

func ExampleMintError() {
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"error":"mint_denied","message":"No rule allows this token.","fix":"Ask the operator of the issuer."}`)
	}))
	defer issuer.Close()
	client, err := oathmesh.New(oathmesh.Options{
		Issuer: issuer.URL, Credential: oathmesh.StaticCredential("cart~secret"),
		Audience: "https://inventory.internal", Action: "inventory.delete",
	})
	if err != nil {
		panic(err)
	}
	_, err = client.HTTPClient().Get("https://gateway.example.com/v1/items")
	var failed *oathmesh.MintError
	if errors.As(err, &failed) {
		fmt.Println(failed.Kind, failed.Code, failed.Status)
		fmt.Println(failed.Fix)
	}
	// Output:
	// refused mint_denied 403
	// Ask the operator of the issuer.
}
