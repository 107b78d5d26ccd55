package replay

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const start = 1_774_900_000

func use(id string) Use {
	return Use{Issuer: "i", TokenID: id, IssuedAt: start + 100, AcceptableUntil: start + 250, Leeway: 30}
}

func store(most int) (*Memory, *float64) {
	elapsed := new(float64)
	memory := NewMemorySince(most, time.Unix(start, 0))
	memory.elapsed = func() float64 { return *elapsed }
	return memory, elapsed
}

func claim(t *testing.T, memory *Memory, one Use, now float64) Outcome {
	t.Helper()
	outcome, err := memory.Claim(context.Background(), one, now)
	if err != nil {
		t.Fatal(err)
	}
	return outcome
}

func TestOfManyAtOnceOneIsFresh(t *testing.T) {
	memory, _ := store(10)
	var fresh, seen atomic.Int64
	var all sync.WaitGroup
	for range 200 {
		all.Add(1)
		go func() {
			defer all.Done()
			switch outcome, _ := memory.Claim(context.Background(), use("a"), start+110); outcome {
			case Fresh:
				fresh.Add(1)
			case Seen:
				seen.Add(1)
			}
		}()
	}
	all.Wait()
	if fresh.Load() != 1 || seen.Load() != 199 {
		t.Errorf("%d fresh, %d seen", fresh.Load(), seen.Load())
	}
}

func TestAFullStoreRefusesAndForgetsNothing(t *testing.T) {
	memory, elapsed := store(2)
	for at, want := range []Outcome{Fresh, Fresh, Full} {
		if got := claim(t, memory, use(fmt.Sprint(at)), start+110); got != want {
			t.Errorf("%d: %d", at, got)
		}
	}
	if claim(t, memory, use("0"), start+110) != Seen {
		t.Error("forgotten")
	}
	*elapsed = 212
	later := use("3")
	later.AcceptableUntil += 1000
	if claim(t, memory, later, start+281) != Fresh || memory.Len() != 1 {
		t.Errorf("%d records", memory.Len())
	}
}

func TestTokensOfBeforeTheStartAreNotKnown(t *testing.T) {
	memory, _ := store(2)
	old := use("a")
	old.IssuedAt = start - 1
	if claim(t, memory, old, start) != HistoryUnknown {
		t.Error("taken")
	}
	old.IssuedAt = start
	if claim(t, memory, old, start) != Fresh {
		t.Error("refused")
	}
}

func TestNoStepOfOneClockMakesAUseForgotten(t *testing.T) {
	memory, elapsed := store(10)
	claim(t, memory, use("a"), start+110)
	*elapsed = 1
	claim(t, memory, use("b"), start+100_000)
	if claim(t, memory, use("a"), start+110) != Seen {
		t.Error("a wall clock set forward and back makes it forgotten")
	}
	*elapsed = 100_000
	if claim(t, memory, use("a"), start+110) != Seen {
		t.Error("a wall clock set back makes it forgotten")
	}
	*elapsed++
	claim(t, memory, use("c"), start+281)
	if claim(t, memory, use("a"), start+281) != Fresh {
		t.Error("never forgotten")
	}
}

func TestLifetime(t *testing.T) {
	for _, one := range []struct {
		now  float64
		want int64
	}{{start + 110, 170}, {start + 109.999, 171}, {start + 280, 1}, {start + 1000, 1}} {
		if got := LifetimeSeconds(use("a"), one.now); got != one.want {
			t.Errorf("%f: %d, want %d", one.now, got, one.want)
		}
	}
}
