package verify_test

import (
	"context"
	"errors"
	"fmt"

	oathmesh "github.com/oathmesh/oathmesh-go"
	"github.com/oathmesh/oathmesh-go/policy"
	"github.com/oathmesh/oathmesh-go/verify"
)

func ExampleVerifier_Verify() {
	rules, err := policy.Rules([]policy.Rule{
		{Name: "carts", Allow: true, Match: policy.Match{Subject: "svc://shop/*", Action: "inventory.*"}},
	})
	if err != nil {
		panic(err)
	}
	verifier, err := verify.New(verify.Config{
		Audience: "https://inventory.internal",
		Issuers:  []verify.Issuer{{Issuer: "https://issuer.example.com"}},
		Policy:   rules,
	})
	if err != nil {
		panic(err)
	}
	// Without net/http: whatever a server knows of the call.
	_, err = verifier.Verify(context.Background(), verify.Call{
		Authorization: []string{"Bearer something"},
		Line:          oathmesh.RequestLine{Method: "GET", RawPath: "/v1/items"},
	})
	var denial *verify.Denial
	if errors.As(err, &denial) {
		fmt.Println(denial.Status, denial.Code)
		fmt.Println(denial.Fix)
	}
	// Output:
	// 401 claim_missing:token
	// Send exactly one header "Authorization: OathMesh <token>".
}
