import type { GatewayChoice, Play, Scenery } from '../story.ts'
import { byId, el, inputById } from './dom.ts'
import type { Asked } from './server.ts'

const SKEW_SECONDS = 90

/** What a person chooses: gateway, claims, and what to play. */
export class Controls {
  readonly #buttons: HTMLElement[] = [byId('send')]
  #busy = false

  constructor(
    { gateways, plays, wanted }: Scenery,
    on: { play(id: string): void; choose(gateway: GatewayChoice): void },
  ) {
    inputById('sub').value = wanted.sub
    inputById('aud').value = wanted.aud
    inputById('act').value = wanted.act
    inputById('ttl').value = String(wanted.ttlSeconds)
    byId('gateways').append(...gateways.flatMap((one) => choice(one, on.choose)))
    const first = document.querySelector<HTMLInputElement>('input[name=gateway]:enabled')
    if (first !== null) first.checked = true
    byId('mint').addEventListener('submit', (event) => {
      event.preventDefault()
      if (!this.#busy) on.play('call')
    })
    for (const play of plays.slice(1)) byId('plays').append(this.#button(play, on.play))
  }

  /** The form as it stands. */
  asked(play: string): Asked {
    const chosen = document.querySelector<HTMLInputElement>('input[name=gateway]:checked')
    const skew = document.getElementById('skew')
    return {
      play,
      gateway: chosen?.value ?? '',
      wanted: {
        sub: inputById('sub').value,
        aud: inputById('aud').value,
        act: inputById('act').value,
        ttlSeconds: inputById('ttl').valueAsNumber,
      },
      clockOffSeconds: skew instanceof HTMLInputElement ? skew.valueAsNumber : 0,
    }
  }

  /** While something is played, buttons do nothing. They keep the focus, which a disabled one loses. */
  set busy(busy: boolean) {
    this.#busy = busy
    for (const button of this.#buttons) button.setAttribute('aria-disabled', String(busy))
  }

  #button({ id, label, about }: Play, play: (id: string) => void): HTMLElement {
    const text = el('span', {}, el('b', {}, label), el('small', {}, about))
    const button = el('button', { type: 'button', class: 'play', 'data-play': id }, text)
    button.addEventListener('click', () => {
      if (!this.#busy) play(id)
    })
    this.#buttons.push(button)
    return id === 'clock_skew' ? el('div', { class: 'skewed' }, button, skewField()) : button
  }
}

function skewField(): HTMLElement {
  const input = { id: 'skew', class: 'text', type: 'number', min: '-600', max: '600', step: '1' }
  return el(
    'label',
    { class: 'skew', for: 'skew' },
    'Issuer’s clock off by, in seconds',
    el('input', { ...input, value: String(SKEW_SECONDS) }),
  )
}

function choice(gateway: GatewayChoice, choose: (gateway: GatewayChoice) => void): HTMLElement[] {
  const { id, label, missing } = gateway
  const input = el('input', { type: 'radio', name: 'gateway', id: `gateway-${id}`, value: id })
  input.disabled = missing !== undefined
  input.addEventListener('change', () => choose(gateway))
  const text = missing === undefined ? label : `${label} (${missing})`
  return [input, el('label', { class: 'choice', for: `gateway-${id}` }, text)]
}
