package redisreplay

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/oathmesh/oathmesh-go/replay"
)

const (
	maxRedirections = 5
	// Before a command goes to another node: short, since the claim's time-out is running.
	redirectDelay = 20 * time.Millisecond
)

// cluster is a Redis Cluster: keys are spread over its masters. Commands go to the node that holds their
// key and follow it when it has moved, which means that they have not been carried out.
type cluster struct {
	client *redis.ClusterClient

	mu sync.Mutex
	// By address, for as long as a node is in use.
	nodes   map[string]*redis.Client
	servers map[string]string
}

func newCluster(options redis.ClusterOptions, read, pool time.Duration, health *health) *cluster {
	c := &cluster{nodes: map[string]*redis.Client{}, servers: map[string]string{}}
	options.MaxRetries, options.DialerRetries, options.Protocol = -1, 1, 2
	options.DisableIdentity, options.ContextTimeoutEnabled = true, true
	options.ReadTimeout, options.WriteTimeout, options.PoolTimeout = read, read, pool
	options.NewClient = func(node *redis.Options) *redis.Client {
		hold(node, read, pool)
		address := node.Addr
		node.OnConnect = chain(node.OnConnect, func(ctx context.Context, conn *redis.Conn) error {
			return c.meet(ctx, address, conn, health)
		})
		client := redis.NewClient(node)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.nodes[address] = client
		return client
	}
	c.client = redis.NewClusterClient(&options)
	return c
}

// meet notes which process a new connection leads to. A process that is restarted takes all connections to
// the former one with it, so the latest is the one that all lead to.
func (c *cluster) meet(ctx context.Context, address string, conn *redis.Conn, health *health) error {
	server, err := health.identify(ctx, conn)
	if err != nil && !errors.Is(err, errUnusable) {
		return err
	}
	// A replica has no part in this until it is promoted.
	c.mu.Lock()
	defer c.mu.Unlock()
	c.servers[address] = server
	return nil
}

func (c *cluster) keysOf(use replay.Use) recordKeys { return shardedKeysOf(use) }

func (c *cluster) epochKeys() []string {
	keys := make([]string, shards)
	for shard := range keys {
		keys[shard] = shardEpoch(shard)
	}
	return keys
}

func (c *cluster) serverOf(ctx context.Context, key string) string {
	node, err := c.client.MasterForKey(ctx, key)
	if err != nil {
		return ""
	}
	if c.known(node) == "" && node.Ping(ctx).Err() != nil {
		return ""
	}
	return c.known(node)
}

func (c *cluster) known(node *redis.Client) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.servers[node.Options().Addr]
}

// record sends single commands, which is what keys on several servers allow; they travel at the same time. A
// call that is the first to meet a revocation spends its id.
func (c *cluster) record(ctx context.Context, one entry) (finding, error) {
	if one.revocation == suspectedRevoked {
		if revokedAt, err := c.ask(ctx, "hget", revocations, one.subject); err != nil || revokedAt != nil {
			return finding{outcome: replay.Revoked}, err
		}
	}
	type reply struct {
		revokedAt any
		err       error
	}
	asking := make(chan reply, 1)
	go func() {
		if one.revocation == ignored {
			asking <- reply{}
			return
		}
		revokedAt, err := c.ask(ctx, "hget", revocations, one.subject)
		asking <- reply{revokedAt, err}
	}()
	server := c.serverOf(ctx, one.keys.epoch)
	// The mark after the record: a Redis emptied between the two has lost the epoch as well.
	replies, err := c.send(ctx, one.keys.record,
		[]any{"set", one.keys.record, "1", "PX", one.lifetimeMs, "NX"}, []any{"get", one.keys.epoch})
	revocation := <-asking
	switch {
	case err != nil:
		return finding{}, err
	case revocation.err != nil:
		return finding{}, revocation.err
	case revocation.revokedAt != nil:
		return finding{outcome: replay.Revoked}, nil
	case replies[0] == nil:
		return finding{outcome: replay.Seen}, nil
	case replies[0] != "OK":
		return finding{}, errUnusable
	case server == "" || server != c.serverOf(ctx, one.keys.epoch):
		return finding{}, errOtherServer
	}
	return finding{replay.Fresh, replies[1], server}, nil
}

func (c *cluster) ask(ctx context.Context, command ...any) (any, error) {
	key, _ := command[1].(string)
	replies, err := c.send(ctx, key, command)
	if err != nil {
		return nil, err
	}
	return replies[0], nil
}

// send carries commands out, in order, on the node that holds the key. Nil stands for no value.
func (c *cluster) send(ctx context.Context, key string, commands ...[]any) ([]any, error) {
	node, err := c.client.MasterForKey(ctx, key)
	if err != nil {
		return nil, err
	}
	asking := false
	for redirections := 0; ; redirections++ {
		replies, err := pipeline(ctx, node, asking, commands)
		if redirections == maxRedirections || err == nil {
			return replies, err
		}
		switch fields := strings.Fields(err.Error()); {
		case redis.HasErrorPrefix(err, "MOVED") && len(fields) == 3:
			c.client.ReloadState(ctx)
			node, asking = c.node(fields[2], node), false
		case redis.HasErrorPrefix(err, "ASK ") && len(fields) == 3:
			node, asking = c.node(fields[2], node), true
		case redis.HasErrorPrefix(err, "TRYAGAIN"), redis.HasErrorPrefix(err, "CLUSTERDOWN"):
		default:
			return nil, err
		}
		select {
		case <-time.After(redirectDelay):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// node is the one at an address that another node has named.
func (c *cluster) node(address string, otherwise *redis.Client) *redis.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known := c.nodes[address]; known != nil {
		return known
	}
	return otherwise
}

func pipeline(ctx context.Context, node *redis.Client, asking bool, commands [][]any) ([]any, error) {
	pipe := node.Pipeline()
	var sent []*redis.Cmd
	for _, command := range commands {
		if asking {
			pipe.Do(ctx, "asking")
		}
		sent = append(sent, pipe.Do(ctx, command...))
	}
	// Commands that were never sent have no error of their own.
	if _, err := pipe.Exec(ctx); err != nil && !isReply(err) {
		return nil, err
	}
	replies := make([]any, len(sent))
	for at, command := range sent {
		reply, err := command.Result()
		if errors.Is(err, redis.Nil) {
			reply, err = nil, nil
		}
		if err != nil {
			return nil, err
		}
		replies[at] = reply
	}
	return replies, nil
}

// connect asks every master who it is. One that does not answer makes claims on its shards fail, not others.
func (c *cluster) connect(ctx context.Context) error {
	c.client.ReloadState(ctx)
	var mu sync.Mutex
	answered := false
	err := c.client.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
		err := node.Ping(ctx).Err()
		mu.Lock()
		defer mu.Unlock()
		answered = answered || err == nil
		return err
	})
	if answered {
		return nil
	}
	return err
}

// left: the map of slots tells where the master of now is.
func (c *cluster) left() { c.client.ReloadState(context.Background()) }

func (c *cluster) close() error { return c.client.Close() }
