// Package keys holds the public keys of the trusted issuers: read from JWK sets, fetched, and kept.
package keys

import (
	"crypto/ed25519"
	"errors"
	"math/big"
)

// The field prime 2^255 - 19 and the curve constant d. RFC 8032, 5.1.
var (
	prime  = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	curveD = hexadecimal("52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3")
	one    = big.NewInt(1)
)

// The y coordinates of the eight points whose order divides the cofactor. Under such a key one signature
// fits many or all messages, so whoever publishes it has published a skeleton key.
var smallOrderY = []*big.Int{
	big.NewInt(0),
	one,
	new(big.Int).Sub(prime, one),
	hexadecimal("05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826"),
	hexadecimal("7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7"),
}

func hexadecimal(text string) *big.Int {
	number, _ := new(big.Int).SetString(text, 16)
	return number
}

// checkPoint says why these bytes are no Ed25519 public key to trust; nil when they are one: in canonical
// encoding (y below the prime), on the curve, and not of small order. RFC 8032, 5.1.3.
//
// crypto/ed25519 takes any 32 bytes and other libraries refuse different ones of them, so they are refused
// here, before any library is asked.
func checkPoint(bytes []byte) error {
	if len(bytes) != ed25519.PublicKeySize {
		return errors.New("x is not 32 bytes long")
	}
	y := littleEndian(bytes)
	y.SetBit(y, 255, 0)
	if y.Cmp(prime) >= 0 {
		return errors.New("x is not in canonical encoding")
	}
	if isSmallOrder(bytes) {
		return errors.New("x is a point of small order")
	}
	if !onCurve(y) {
		return errors.New("x is not a point of the curve")
	}
	return nil
}

// onCurve: x² = (y² - 1) / (d·y² + 1) has a root iff the product of the two is a square (Euler).
func onCurve(y *big.Int) bool {
	square := new(big.Int).Mul(y, y)
	square.Mod(square, prime)
	product := new(big.Int).Mul(curveD, square)
	product.Add(product, one)
	product.Mul(product, square.Sub(square, one))
	product.Mod(product, prime)
	exponent := new(big.Int).Rsh(prime, 1)
	return product.Exp(product, exponent, prime).Cmp(one) == 0
}

func littleEndian(bytes []byte) *big.Int {
	reversed := make([]byte, len(bytes))
	for at, b := range bytes {
		reversed[len(bytes)-1-at] = b
	}
	return new(big.Int).SetBytes(reversed)
}
