package redisreplay

import (
	"testing"
	"time"

	"github.com/oathmesh/oathmesh-go/replay"
)

// All uses of a token may have been refused for want of an answer, before Redis was restarted, forgot them and went
// away: that they were seen is known here alone.
func TestATokenThatWasSeenIsNeverFresh(t *testing.T) {
	struck, other := replay.Use{Token: "struck", Realm: "api"}, replay.Use{Token: "other", Realm: "api"}
	good := newKnownGood()
	good.strike(struck)
	if good.add(struck) || good.has(struck, time.Minute) {
		t.Error("a token that was struck before it was known is fresh")
	}
	if !good.add(other) || !good.has(other, time.Minute) {
		t.Error("another token is not")
	}
	good.strike(other)
	if good.add(other) || good.has(other, time.Minute) {
		t.Error("a known token that was struck is fresh")
	}
}
