package redisreplay

import (
	"context"
	"errors"

	"github.com/oathmesh/oathmesh-go/replay"
)

var (
	errNotConnected = errors.New("Redis is not connected")
	errUnusable     = errors.New("Redis cannot be used")
	errOtherServer  = errors.New("Redis is another process than a moment ago")
	// errNothingSent: the process behind a new connection is another, so the command has not been sent.
	errNothingSent = errors.New("Redis is another process than before")
)

// revocationAsked says whether a claim asks about the subject.
type revocationAsked int

const (
	ignored revocationAsked = iota
	asked
	// suspectedRevoked: the subject was found revoked a moment ago.
	suspectedRevoked
)

// entry is one use to be recorded.
type entry struct {
	keys       recordKeys
	lifetimeMs int64
	subject    string
	revocation revocationAsked
}

// finding is what Redis said.
type finding struct {
	// replay.Fresh once the use is recorded, replay.Seen or replay.Revoked.
	outcome replay.Outcome
	// What stood under the key of the epoch once the use was recorded; nil for nothing.
	mark any
	// The server that said so.
	server string
}

// link is a lasting connection to one Redis, whatever its topology.
type link interface {
	// keysOf is where a use is recorded.
	keysOf(use replay.Use) recordKeys
	// epochKeys is all keys under which an epoch stands.
	epochKeys() []string
	// serverOf names the process that holds a key at present; empty while it cannot be asked.
	serverOf(ctx context.Context, key string) string
	// record asks once. Nothing is sent twice: a repeated command could find its own record.
	record(ctx context.Context, one entry) (finding, error)
	// ask sends one command that names one key.
	ask(ctx context.Context, command ...any) (any, error)
	// connect makes sure that there is a connection that can be used, and replaces the one there is if it
	// leads to another process.
	connect(ctx context.Context) error
	// left: a reply says that this server is none to write to any more.
	left()
	close() error
}
