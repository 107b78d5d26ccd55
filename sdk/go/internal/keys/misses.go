package keys

import "container/list"

const maxMisses = 256

// misses remembers key ids that an issuer is known not to have, for one cooldown each. The oldest go first.
type misses struct {
	lifeMs int64
	order  *list.List
	byKid  map[string]*list.Element
}

type miss struct {
	kid   string
	setAt int64
}

func newMisses(lifeMs int64) *misses {
	return &misses{lifeMs: lifeMs, order: list.New(), byKid: map[string]*list.Element{}}
}

func (m *misses) has(kid string, now int64) bool {
	element, known := m.byKid[kid]
	if !known {
		return false
	}
	// After a clock set back the entry is dropped rather than kept for ever.
	if age := now - element.Value.(miss).setAt; age >= 0 && age <= m.lifeMs {
		return true
	}
	m.drop(element)
	return false
}

func (m *misses) add(kid string, now int64) {
	if element, known := m.byKid[kid]; known {
		m.drop(element)
	}
	if m.order.Len() >= maxMisses {
		m.drop(m.order.Front())
	}
	m.byKid[kid] = m.order.PushBack(miss{kid, now})
}

func (m *misses) drop(element *list.Element) {
	delete(m.byKid, element.Value.(miss).kid)
	m.order.Remove(element)
}
