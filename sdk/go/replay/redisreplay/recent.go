package redisreplay

import "container/list"

// recent is a bounded map that forgets what was set longest ago. Not safe for use by several goroutines.
type recent[K comparable, V any] struct {
	most  int
	order *list.List
	byKey map[K]*list.Element
}

type recentEntry[K comparable, V any] struct {
	key   K
	value V
}

func newRecent[K comparable, V any](most int) *recent[K, V] {
	return &recent[K, V]{most: most, order: list.New(), byKey: map[K]*list.Element{}}
}

func (r *recent[K, V]) get(key K) (value V, known bool) {
	element, known := r.byKey[key]
	if known {
		value = element.Value.(recentEntry[K, V]).value
	}
	return value, known
}

func (r *recent[K, V]) set(key K, value V) {
	r.drop(key)
	if r.order.Len() >= r.most {
		r.drop(r.order.Front().Value.(recentEntry[K, V]).key)
	}
	r.byKey[key] = r.order.PushBack(recentEntry[K, V]{key, value})
}

func (r *recent[K, V]) drop(key K) {
	if element, known := r.byKey[key]; known {
		r.order.Remove(element)
		delete(r.byKey, key)
	}
}
