import type { AnswerView, Pair, Story, TokenView } from '../story.ts'
import { byId, el } from './dom.ts'

const OURS = /^(?:x-oathmesh-|authorization$)/i

/** What came of a call: what the upstream got, the audit line, the token, the answer. */
export function showPanels(story: Story | undefined): void {
  const panels =
    story === undefined
      ? [panel('The upstream', note('Nothing has been sent.'))]
      : [tokenOf(story), upstreamOf(story), auditOf(story), answerOf(story)]
  byId('panels').replaceChildren(...panels.filter((one) => one !== undefined))
}

function upstreamOf({ upstream, upstreamReached }: Story): HTMLElement {
  const title = 'Headers the upstream got'
  if (upstream !== undefined) {
    const removed: Pair = ['Authorization', 'removed by the gateway']
    const ours = upstream.filter(([name]) => OURS.test(name))
    const kept = ours.some(([name]) => name.toLowerCase() === 'authorization')
    const others = upstream.filter(([name]) => !OURS.test(name))
    const rest = el('summary', {}, `${others.length} other headers`)
    return panel(
      title,
      kept ? table(ours) : table([...ours, removed], removed),
      el('details', {}, rest, table(others)),
    )
  }
  return upstreamReached === 'unseen'
    ? panel(title, note('Only the service itself sees them.'))
    : panel(title, note('None: the call did not get there.'))
}

function auditOf({ audit }: Story): HTMLElement {
  if (audit === undefined)
    return panel('Audit line', note('None: no decision was made, or none is seen.'))
  const members = Object.entries(Object(JSON.parse(audit))).map(
    ([name, value]): Pair => [name, String(value)],
  )
  return panel('Audit line', table(members))
}

function tokenOf({ token, mintRefusal }: Story): HTMLElement {
  if (token === undefined) return panel('Token', note(mintRefusal ?? 'None.'))
  return panel(
    'Token',
    segments(token),
    el('pre', { class: 'json', tabindex: '0', 'aria-label': 'Claims' }, token.claims),
    changes(token),
  )
}

/** Without its signature it opens nothing, so the rest may be seen. */
function segments({ segments: [header, claims], signature }: TokenView): HTMLElement {
  return el(
    'p',
    { class: 'segments' },
    el('span', { class: 'header' }, cut(header)),
    '.',
    el('span', { class: 'claims' }, cut(claims)),
    '.',
    el('span', { class: 'signature' }, signature),
  )
}

function changes({ changed }: TokenView): HTMLElement | undefined {
  if (changed.length === 0) return undefined
  return el('p', { class: 'changed' }, `Changed after it was signed: ${changed.join(', ')}`)
}

function answerOf({ answer }: Story): HTMLElement | undefined {
  if (answer === undefined) return undefined
  const headers = el('details', {}, el('summary', {}, 'Headers'), table(answer.headers))
  const body = el('pre', { class: 'json', tabindex: '0', 'aria-label': 'Body' }, bodyOf(answer))
  return panel(`Answer ${answer.status}`, body, headers)
}

function bodyOf({ body }: AnswerView): string {
  if (body === '') return 'no body'
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}

function panel(title: string, ...content: readonly (HTMLElement | undefined)[]): HTMLElement {
  return el('article', { class: 'card panel' }, el('h3', {}, title), ...content)
}

function note(text: string): HTMLElement {
  return el('p', { class: 'note' }, text)
}

function table(pairs: readonly Pair[], absent?: Pair): HTMLElement {
  const list = el('dl', { class: 'pairs' })
  for (const pair of pairs) {
    const [name, value] = pair
    const kind = pair === absent ? 'absent' : kindOf(name)
    list.append(el('div', { class: kind }, el('dt', {}, name), el('dd', {}, value)))
  }
  return list
}

/** Of a header: whether it is the gateway's to set. Of an audit line: what one looks for first. */
function kindOf(name: string): string {
  if (OURS.test(name)) return 'ours'
  return ['event', 'step', 'reason', 'rule'].includes(name) ? 'first' : 'plain'
}

/** Enough to recognise; the whole of it is decoded below. */
function cut(segment: string): string {
  return segment.length <= 18 ? segment : `${segment.slice(0, 12)}…${segment.slice(-4)}`
}
