package redisreplay

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/oathmesh/oathmesh-go/replay"
)

// generation is connections that all lead to one process. Another process, behind the same address, is
// another generation: which server has recorded a use must never be in doubt.
type generation struct {
	client *redis.Client
	server string
}

// single is one server, or the one that Sentinel calls master at the time.
type single struct {
	format KeyFormat
	health *health
	// make gives a client whose every new connection passes the check.
	make func(check func(ctx context.Context, conn *redis.Conn) error) *redis.Client

	mu      sync.Mutex
	current *generation
	closed  bool
}

func (s *single) keysOf(use replay.Use) recordKeys { return keysOf(use, s.format) }

func (s *single) epochKeys() []string { return []string{records + epochName} }

func (s *single) serverOf(context.Context, string) string {
	if now := s.generation(); now != nil {
		return now.server
	}
	return ""
}

func (s *single) generation() *generation {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current
}

// record uses one script, so that a revoked call does not spend its id.
func (s *single) record(ctx context.Context, one entry) (finding, error) {
	now := s.generation()
	if now == nil {
		return finding{}, errNotConnected
	}
	keys := []string{one.keys.record, one.keys.epoch}
	if one.revocation != ignored {
		keys = append(keys, revocations)
	}
	reply, err := now.client.EvalSha(ctx, claimSHA, keys, one.lifetimeMs, one.subject).Result()
	if redis.HasErrorPrefix(err, "NOSCRIPT") {
		// Once per start of a server: from then on it knows the script.
		reply, err = now.client.Eval(ctx, claimScript, keys, one.lifetimeMs, one.subject).Result()
	}
	if errors.Is(err, redis.Nil) {
		reply, err = nil, nil
	}
	if err != nil {
		return finding{}, err
	}
	switch reply {
	case "revoked":
		return finding{replay.Revoked, nil, now.server}, nil
	case "seen":
		return finding{replay.Seen, nil, now.server}, nil
	}
	if s.generation() != now {
		// The record has gone to another server than there is now.
		return finding{}, errOtherServer
	}
	return finding{replay.Fresh, reply, now.server}, nil
}

func (s *single) ask(ctx context.Context, command ...any) (any, error) {
	now := s.generation()
	if now == nil {
		return nil, errNotConnected
	}
	reply, err := now.client.Do(ctx, command...).Result()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	return reply, err
}

// connect opens a connection of its own: those there are may be dead without a word.
func (s *single) connect(ctx context.Context) error {
	var server string
	var once sync.Once
	check := func(ctx context.Context, conn *redis.Conn) error {
		found, err := s.health.identify(ctx, conn)
		if err != nil || found == sentinel {
			return err
		}
		once.Do(func() { server = found })
		if found != server {
			return errNothingSent
		}
		return nil
	}
	client := s.make(check)
	if err := client.Ping(ctx).Err(); err != nil {
		_ = client.Close()
		return s.fallBack(ctx, err)
	}
	s.adopt(&generation{client, server})
	return nil
}

// fallBack: where no new connection can be had, an old one may still answer.
func (s *single) fallBack(ctx context.Context, cause error) error {
	now := s.generation()
	if now == nil || judge(cause) != lost || now.client.Ping(ctx).Err() != nil {
		return cause
	}
	return nil
}

// adopt keeps the connections there are if the process is the same: answers may be on their way in them.
func (s *single) adopt(next *generation) {
	s.mu.Lock()
	former := s.current
	keep := former != nil && former.server == next.server && next.server != anonymous
	if !keep && !s.closed {
		s.current = next
	}
	unused := former
	if keep || s.closed {
		unused = next
	}
	s.mu.Unlock()
	if unused != nil {
		retire(unused.client)
	}
}

// retire closes a client once whatever was asked through it has been answered.
func retire(client *redis.Client) {
	time.AfterFunc(client.Options().ReadTimeout, func() { _ = client.Close() })
}

// left: a demoted master keeps its connections; a new one leads to the master of now.
func (s *single) left() {
	s.mu.Lock()
	former := s.current
	s.current = nil
	s.mu.Unlock()
	if former != nil {
		retire(former.client)
	}
}

func (s *single) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	former := s.current
	s.current = nil
	if former == nil {
		return nil
	}
	return former.client.Close()
}

// sentinel keeps no records: go-redis asks it where the master is, through the same hook.
const sentinel = "sentinel"

// health reads who a server is, and tells the operator, once each, what is wrong with it.
type health struct {
	tell func(message string, attributes ...any)
	mu   sync.Mutex
	told map[string]bool
}

// identify gives the run_id of the process at the other end; anonymous where an ACL or a renamed command
// withholds it.
func (h *health) identify(ctx context.Context, conn *redis.Conn) (string, error) {
	reply, err := conn.Do(ctx, "info").Text()
	if redis.HasErrorPrefix(err, "NOPERM") || redis.HasErrorPrefix(err, "unknown command") {
		reply, err = "", nil
	}
	if err != nil {
		return "", err
	}
	info := map[string]string{}
	for _, line := range strings.Split(reply, "\r\n") {
		if name, value, found := strings.Cut(line, ":"); found {
			info[name] = value
		}
	}
	if policy := info["maxmemory_policy"]; policy != "" && policy != "noeviction" {
		h.once("Redis may evict records of used tokens: set maxmemory-policy to noeviction", "maxmemory_policy", policy)
	}
	if info["redis_mode"] == "sentinel" {
		return sentinel, nil
	}
	if info["role"] == "slave" {
		return "", fmt.Errorf("%w: it is a replica and takes no records; point the verifier at the master", errUnusable)
	}
	if info["run_id"] != "" {
		return info["run_id"], nil
	}
	h.once("Redis does not name its run_id: a restart or failover that loses records goes unnoticed")
	return anonymous, nil
}

func (h *health) once(message string, attributes ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.told[message] {
		h.told[message] = true
		h.tell(message, attributes...)
	}
}
