package redisreplay

import (
	"fmt"

	"github.com/oathmesh/oathmesh-go/internal/base64url"
	"github.com/oathmesh/oathmesh-go/replay"
)

// KeyFormat of the records of used tokens.
type KeyFormat string

const (
	// Hashed bounds the length and keeps issuers apart. The default.
	Hashed KeyFormat = "hashed"
	// JTI is the bare id, for estates shared with receivers of other implementations.
	JTI KeyFormat = "jti"
)

const (
	records     = "oathmesh:replay:"
	epochName   = "epoch"
	revocations = "oathmesh:revocations"
	// Shards of a Cluster's records: enough to spread evenly over tens of masters.
	shards = 256
)

// recordKeys is where a use is recorded, and where the beginning of the history it belongs to stands.
type recordKeys struct{ record, epoch string }

// keysOf a use where all keys live on one server.
func keysOf(use replay.Use, format KeyFormat) recordKeys {
	keys := recordKeys{epoch: records + epochName}
	// An issuer must not be able to write over the epoch by the choice of an id.
	if format == JTI && use.TokenID != epochName {
		keys.record = records + use.TokenID
		return keys
	}
	digest := replay.Digest(use)
	keys.record = records + base64url.Encode(digest[:])
	return keys
}

// shardedKeysOf a use in a Cluster. The tag in braces keeps a record on the server of its epoch, so that
// whatever makes a server lose the one makes it lose the other.
func shardedKeysOf(use replay.Use) recordKeys {
	digest := replay.Digest(use)
	shard := int(digest[0]) % shards
	return recordKeys{
		record: records + tag(shard) + ":" + base64url.Encode(digest[:]),
		epoch:  shardEpoch(shard),
	}
}

func shardEpoch(shard int) string { return records + epochName + ":" + tag(shard) }

func tag(shard int) string { return fmt.Sprintf("{%02x}", shard) }
