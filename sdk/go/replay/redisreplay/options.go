package redisreplay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Options of a store: one of Single, Sentinel and Cluster, in go-redis' own terms. Retries, protocol and read
// time-outs are set here: a command that is sent twice could find its own record.
type Options struct {
	Single   *redis.Options
	Sentinel *redis.FailoverOptions
	Cluster  *redis.ClusterOptions
	// Timeout bounds one claim, 5 ms to 5 s; 0 means 100 ms.
	Timeout time.Duration
	// KnownGoodWindow, whole seconds up to 60 s: for so long a token that this process has verified is accepted
	// again while Redis is away, if it passes every other check. 0 means 60 s, NoKnownGood not at all.
	KnownGoodWindow time.Duration
	// KeyFormat of the records; empty means Hashed. In a Cluster Hashed only.
	KeyFormat KeyFormat
	// IgnoreRevocations does not ask whether the subject is in the hash `oathmesh:revocations`.
	IgnoreRevocations bool
	// Logger hears what an operator should know; nil means slog.Default.
	Logger *slog.Logger
	// Now is the clock by which a history begins; nil means time.Now.
	Now func() time.Time
}

// NoKnownGood as Options.KnownGoodWindow refuses every token while Redis is away.
const NoKnownGood time.Duration = -1

func (o Options) checked() (Options, error) {
	given := 0
	for _, topology := range []bool{o.Single != nil, o.Sentinel != nil, o.Cluster != nil} {
		if topology {
			given++
		}
	}
	if o.Timeout == 0 {
		o.Timeout = 100 * time.Millisecond
	}
	switch o.KnownGoodWindow {
	case 0:
		o.KnownGoodWindow = time.Minute
	case NoKnownGood:
		o.KnownGoodWindow = 0
	}
	if o.KeyFormat == "" {
		o.KeyFormat = Hashed
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	switch {
	case given != 1:
		return o, errors.New("redisreplay: give one of Single, Sentinel and Cluster")
	case o.Timeout < 5*time.Millisecond || o.Timeout > 5*time.Second:
		return o, errors.New("redisreplay: Timeout: must be 5 ms to 5 s")
	case o.KnownGoodWindow < 0 || o.KnownGoodWindow > time.Minute || o.KnownGoodWindow%time.Second != 0:
		return o, errors.New("redisreplay: KnownGoodWindow: must be NoKnownGood, or whole seconds up to 60 s")
	case o.KeyFormat != Hashed && o.KeyFormat != JTI:
		return o, errors.New("redisreplay: KeyFormat: must be Hashed or JTI")
	case o.KeyFormat == JTI && o.Cluster != nil:
		return o, errors.New("redisreplay: KeyFormat: must be Hashed in a Cluster")
	}
	return o, nil
}

func (o Options) link() link {
	told := &health{told: map[string]bool{}, tell: o.Logger.Warn}
	switch {
	case o.Cluster != nil:
		return newCluster(*o.Cluster, o.readTimeout(), o.Timeout, told)
	case o.Sentinel != nil:
		return &single{format: o.KeyFormat, health: told, make: o.failoverClient}
	default:
		return &single{format: o.KeyFormat, health: told, make: o.singleClient}
	}
}

// readTimeout: a peer that has vanished without a word is found out by its silence, long before TCP would.
// Longer than a claim waits, so that an answer that comes late is still heard.
func (o Options) readTimeout() time.Duration { return max(time.Second, 2*o.Timeout) }

type connectionCheck func(ctx context.Context, conn *redis.Conn) error

func (o Options) singleClient(check func(context.Context, *redis.Conn) error) *redis.Client {
	options := *o.Single
	options.OnConnect = chain(options.OnConnect, check)
	hold(&options, o.readTimeout(), o.Timeout)
	return redis.NewClient(&options)
}

func (o Options) failoverClient(check func(context.Context, *redis.Conn) error) *redis.Client {
	options := *o.Sentinel
	options.OnConnect = chain(options.OnConnect, check)
	options.MaxRetries, options.DialerRetries, options.Protocol = -1, 1, 2
	options.DisableIdentity, options.ContextTimeoutEnabled = true, true
	options.ReadTimeout, options.WriteTimeout, options.PoolTimeout = o.readTimeout(), o.readTimeout(), o.Timeout
	if options.DialTimeout == 0 {
		options.DialTimeout = time.Second
	}
	return redis.NewFailoverClient(&options)
}

// hold sets what a claim depends on.
func hold(options *redis.Options, read, pool time.Duration) {
	options.MaxRetries, options.DialerRetries, options.Protocol = -1, 1, 2
	options.DisableIdentity, options.ContextTimeoutEnabled = true, true
	options.ReadTimeout, options.WriteTimeout, options.PoolTimeout = read, read, pool
	if options.DialTimeout == 0 {
		options.DialTimeout = time.Second
	}
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}

func chain(first, second connectionCheck) connectionCheck {
	if first == nil {
		return second
	}
	return func(ctx context.Context, conn *redis.Conn) error {
		if err := first(ctx, conn); err != nil {
			return fmt.Errorf("%w: OnConnect: %w", errUnusable, err)
		}
		return second(ctx, conn)
	}
}
