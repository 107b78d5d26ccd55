import type { Gate, GateStory } from '../story.ts'
import { byId, el } from './dom.ts'

const SPOKEN = { passed: 'passed', refused: 'refused', not_reached: 'not reached' } as const

/** The fourteen steps as lists, one for each stretch of the way. */
export class Steps {
  readonly #items: readonly HTMLElement[]

  constructor(gates: readonly Gate[]) {
    const root = byId('steps')
    const groups = new Map<string, HTMLElement>()
    this.#items = gates.map(({ label, name, group }) => {
      let list = groups.get(group)
      if (list === undefined) {
        list = el('ol', { class: 'stretch', 'aria-label': group })
        groups.set(group, list)
        root.append(el('h3', {}, group), list)
      }
      const item = el(
        'li',
        { class: 'step', 'data-outcome': 'idle' },
        el('span', { class: 'number' }, el('span', { class: 'unseen' }, 'Step '), String(label)),
        el('span', { class: 'name' }, name),
        el('span', { class: 'went' }),
        el('span', { class: 'finding' }),
      )
      list.append(item)
      return item
    })
  }

  reset(): void {
    for (const item of this.#items) fill(item, 'idle', '', [])
  }

  tell(at: number, { outcome, findings }: GateStory): void {
    const item = this.#items[at]
    if (item !== undefined) fill(item, outcome, SPOKEN[outcome], findings)
  }
}

function fill(item: HTMLElement, outcome: string, went: string, findings: readonly string[]): void {
  item.dataset['outcome'] = outcome
  item.querySelector('.went')?.replaceChildren(went)
  item.querySelector('.finding')?.replaceChildren(...findings.map((text) => el('span', {}, text)))
}
