package keys

import (
	"crypto/ed25519"
)

// Verify says whether this is the signature of the message under a key that was read here: Ed25519, cofactorless,
// as RFC 8032, 5.1.7, and the same for every implementation of this protocol. crypto/ed25519 refuses S >= L, so no
// second signature can be made from a first one, and compares the encoding of R; an R of small order, on which
// libraries disagree, is refused before it is asked. Keys that they disagree on are refused where they are read.
func Verify(public ed25519.PublicKey, message, signature []byte) bool {
	if len(signature) != ed25519.SignatureSize || isSmallOrder(signature[:ed25519.PublicKeySize]) {
		return false
	}
	return ed25519.Verify(public, message, signature)
}

func isSmallOrder(point []byte) bool {
	y := littleEndian(point)
	y.SetBit(y, 255, 0)
	for _, small := range smallOrderY {
		if y.Cmp(small) == 0 {
			return true
		}
	}
	return false
}
