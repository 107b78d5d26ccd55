package redisreplay

import (
	"crypto/sha1"
	"encoding/hex"
)

// claimScript is byte for byte the one that gateways send, so that a Redis keeps one script.
//
// KEYS: record, epoch and, where revocation is asked about, the list. ARGV: milliseconds, subject.
// Replies `revoked`, `seen`, or the mark of the epoch (nil without one) once the use is recorded.
const claimScript = `
if KEYS[3] and redis.call('HGET', KEYS[3], ARGV[2]) then return 'revoked' end
if not redis.call('SET', KEYS[1], '1', 'PX', ARGV[1], 'NX') then return 'seen' end
return redis.call('GET', KEYS[2])`

// claimSHA is the name under which Redis keeps the script.
var claimSHA = func() string {
	sum := sha1.Sum([]byte(claimScript))
	return hex.EncodeToString(sum[:])
}()
