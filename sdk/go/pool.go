package oathmesh

import (
	"context"
	"sync"
	"time"
)

// A token that would expire sooner than this is not worth sending: clocks differ and requests queue.
const leastRemaining = 10 * time.Second

// tokenPool holds a few tokens that differ in nothing but their id, so that calls need not wait for the
// issuer. Each is handed out once. Refilled when one is taken, never by a timer: an idle process stays idle.
type tokenPool struct {
	source  tokenSource
	request tokenRequest
	// Tokens to hold ready.
	size int
	now  func() time.Time

	mu     sync.Mutex
	ready  []mintedToken
	coming int
	// Counts what has been forgotten, so that a token asked for before is not kept after.
	cleared int
}

func (p *tokenPool) take(ctx context.Context) (string, error) {
	p.mu.Lock()
	p.dropStale()
	var taken string
	if len(p.ready) > 0 {
		taken = p.ready[0].token
		p.ready = p.ready[1:]
	}
	p.refill()
	p.mu.Unlock()
	if taken != "" {
		return taken, nil
	}
	minted, err := p.source.mint(ctx, p.request)
	return minted.token, err
}

// clear forgets what is held: the gateway does not take tokens as old as these any more.
func (p *tokenPool) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ready = nil
	p.cleared++
}

func (p *tokenPool) dropStale() {
	margin := min(leastRemaining, p.request.lifetime/2)
	var fresh []mintedToken
	for _, token := range p.ready {
		if token.expiresAt.Add(-margin).After(p.now()) {
			fresh = append(fresh, token)
		}
	}
	p.ready = fresh
}

// refill asks on behalf of nobody: a call that ends must not take the next one's token with it. Each
// request to the issuer has a time-out of its own.
func (p *tokenPool) refill() {
	for ; len(p.ready)+p.coming < p.size; p.coming++ {
		go p.fetch(p.cleared)
	}
}

func (p *tokenPool) fetch(cleared int) {
	token, err := p.source.mint(context.Background(), p.request)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.coming--
	// After a failure the next call that finds nothing ready asks itself and hears why.
	if err == nil && cleared == p.cleared {
		p.ready = append(p.ready, token)
	}
}
