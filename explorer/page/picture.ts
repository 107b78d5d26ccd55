import type { Gate, GatewayChoice, Story } from '../story.ts'
import { byId, el } from './dom.ts'

const PARTS = [
  'at-caller',
  'wire-in',
  'at-gateway',
  'wire-gate',
  'wire-out',
  'at-upstream',
] as const

function lit(part: (typeof PARTS)[number], how: 'busy' | 'passed' | 'refused'): void {
  byId(part).dataset['lit'] = how
}

/** The way of a call: caller, gateway, fourteen lamps, upstream. Says nothing that the lists do not say. */
export class Picture {
  readonly #lamps: readonly HTMLElement[]

  constructor(gates: readonly Gate[]) {
    const stretches = new Map<string, HTMLElement>()
    this.#lamps = gates.map(({ label, stretch }) => {
      const lamp = el('span', { class: 'lamp' }, String(label))
      let group = stretches.get(stretch)
      if (group === undefined) {
        group = el('div', { class: 'lamp-group' }, el('small', { class: 'stretch-name' }, stretch))
        stretches.set(stretch, group)
      }
      group.append(lamp)
      return lamp
    })
    byId('lamps').append(...stretches.values())
  }

  chooses({ label, decider }: GatewayChoice): void {
    byId('picture-gateway').textContent = label
    byId('picture-decider').textContent = decider
    this.reset()
  }

  reset(): void {
    for (const part of PARTS) byId(part).removeAttribute('data-lit')
    for (const lamp of this.#lamps) lamp.removeAttribute('data-outcome')
    this.#say('mints a token', 'waits')
  }

  sending(): void {
    this.reset()
    for (const part of ['at-caller', 'wire-in', 'at-gateway'] as const) lit(part, 'busy')
    this.#say('has sent it', 'waits')
  }

  /** Lights the lamp of a gate. */
  light(at: number, outcome: string): void {
    const lamp = this.#lamps[at]
    if (lamp !== undefined) lamp.dataset['outcome'] = outcome
  }

  /** Where the call ended. */
  ends({ outcome, upstreamReached }: Story): void {
    for (const part of PARTS) byId(part).removeAttribute('data-lit')
    if (outcome === 'not_minted') {
      lit('at-caller', 'refused')
      this.#say('got no token', 'saw nothing')
      return
    }
    for (const part of ['at-caller', 'wire-in'] as const) lit(part, 'passed')
    lit('at-gateway', outcome === 'no_decision' ? 'refused' : 'passed')
    if (outcome !== 'no_decision') lit('wire-gate', 'passed')
    const reached = upstreamReached === true || outcome === 'allow'
    if (reached) for (const part of ['wire-out', 'at-upstream'] as const) lit(part, 'passed')
    const unseen = upstreamReached === 'unseen' && !reached
    this.#say('has its answer', reached ? 'knows who called' : unseen ? 'not seen' : 'saw nothing')
  }

  #say(caller: string, upstream: string): void {
    byId('picture-caller').textContent = caller
    byId('picture-upstream').textContent = upstream
  }
}
