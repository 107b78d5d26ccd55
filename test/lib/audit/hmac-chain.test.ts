import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { ChainCheck } from '../../../lib/audit/chain-check.ts'
import { HmacChain } from '../../../lib/audit/hmac-chain.ts'

const NOW = Date.parse('2026-11-24T03:09:03Z')
const KEY = Buffer.from('audit-test-key, 32 bytes or more')
const EVENT = { ts: '2026-11-24T03:09:04.000Z', event: 'deny', reason: 'expired', us: 1 }

const chainOf = (id = 'c1', key = KEY) => new HmacChain({ key, id, clock: { now: () => NOW } })

/** A chain from start to stop over so many decisions. */
function sealed(count = 3, id = 'c1', key = KEY): string[] {
  const chain = chainOf(id, key)
  const decisions = Array.from({ length: count }, (_, at) => at)
  return [
    chain.mark('chain_start'),
    ...decisions.map((jti) => chain.seal({ ...EVENT, jti: String(jti) })),
    chain.mark('chain_stop'),
  ]
}

function faultsOf(lines: readonly string[]): readonly (string | undefined)[] {
  const check = new ChainCheck(KEY)
  return lines.map((line) => check.take(line))
}

describe('HmacChain', () => {
  test('seals the text of a line and what it comes after', () => {
    const chain = chainOf()
    const first = chain.mark('chain_start')
    const text = '{"ts":"2026-11-24T03:09:03.000Z","event":"chain_start","chain":"c1","seq":0}'
    const hmac = createHmac('sha256', KEY).update(text).digest('hex')
    expect(first).toBe(`${text.slice(0, -1)},"hmac":"${hmac}"}`)
    expect(JSON.parse(chain.seal(EVENT))).toMatchObject({ ...EVENT, seq: 1, prev: hmac })
  })

  test('stays below what nginx cuts, and whole, however long the values', () => {
    const chain = chainOf('c'.repeat(64))
    const long = Object.fromEntries(
      Array.from({ length: 20 }, (_, at) => [`m${at}`, 'ü'.repeat(280)]),
    )
    const lines = [chain.mark('chain_start'), chain.seal({ ...EVENT, ...long })]
    expect(Buffer.byteLength(lines[1] ?? '')).toBeLessThan(3800)
    expect(faultsOf(lines)).toEqual([undefined, undefined])
  })

  test('refuses a short key and an id that would need escaping', () => {
    expect(() => chainOf('c1', Buffer.alloc(31))).toThrow(RangeError)
    expect(() => new ChainCheck(Buffer.alloc(31))).toThrow(RangeError)
    expect(() => chainOf('a"b')).toThrow(RangeError)
  })
})

describe('ChainCheck', () => {
  test('accepts a chain from start to stop, checkpoints included, and says so', () => {
    const chain = chainOf()
    const check = new ChainCheck(KEY)
    const lines = [
      chain.mark('chain_start'),
      chain.seal(EVENT),
      chain.mark('chain_checkpoint'),
      chain.seal(EVENT),
    ]
    expect(lines.map((line) => check.take(line))).toEqual(lines.map(() => undefined))
    expect(check.chains).toEqual([{ chain: 'c1', lines: 4, until: EVENT.ts, stopped: false }])
    expect(check.take(chain.mark('chain_stop'))).toBeUndefined()
    expect(check.chains).toMatchObject([{ lines: 5, stopped: true }])
  })

  test('tells mixed chains of two processes apart', () => {
    const [one, two] = [sealed(2, 'c1'), sealed(2, 'c2')]
    const mixed = one.flatMap((line, at) => [line, two[at] ?? ''])
    expect(faultsOf(mixed)).toEqual(mixed.map(() => undefined))
  })

  const [start = '', a = '', b = '', c = '', stop = ''] = sealed(3)
  const ok = undefined
  test.each<[string, readonly string[], readonly (string | undefined)[]]>([
    ['a changed value', [start, a.replace('expired', 'allowed'), b], [ok, 'changed', 'missing']],
    ['a changed number', [start, a.replace('"seq":1', '"seq":2')], [ok, 'changed']],
    ['another key', sealed(0, 'c1', Buffer.alloc(32)), ['changed', 'changed']],
    ['a removed seal', [start, a.replace(/,"chain".*/, '}'), b], [ok, 'unsealed', 'missing']],
    ['a removed line', [start, b, c, stop], [ok, 'missing', ok, ok]],
    ['a cut beginning', [b, c, stop], ['no_start', ok, ok]],
    ['exchanged lines', [start, b, a, c], [ok, 'missing', 'repeated', ok]],
    ['a repeated line', [start, a, a, b], [ok, ok, 'repeated', ok]],
    ['a line put in', [start, '{"event":"allow"}', a], [ok, 'unsealed', ok]],
    ['two chains of one id', [start, a, sealed(9)[3] ?? ''], [ok, ok, 'missing']],
  ])('finds %s', (_, lines, faults) => {
    expect(faultsOf(lines)).toEqual(faults)
  })

  test('finds a line after the end', () => {
    const chain = chainOf()
    const lines = [chain.mark('chain_start'), chain.mark('chain_stop'), chain.seal(EVENT)]
    expect(faultsOf(lines)).toEqual([ok, ok, 'after_stop'])
  })

  test('finds any one changed character', () => {
    const line = a
    fc.assert(
      fc.property(
        fc.nat(line.length - 1),
        fc.string({ minLength: 1, maxLength: 1 }),
        (at, char) => {
          fc.pre(line[at] !== char)
          const changed = `${line.slice(0, at)}${char}${line.slice(at + 1)}`
          expect(faultsOf([start, changed])[1]).toMatch(/^(changed|unsealed)$/)
        },
      ),
    )
  })

  test('keeps the values of claims from passing for a seal', () => {
    const chain = chainOf()
    const lines = [
      chain.mark('chain_start'),
      chain.seal({ ...EVENT, sub: `x","chain":"c9","seq":0,"hmac":"${'0'.repeat(64)}"}` }),
    ]
    expect(faultsOf(lines)).toEqual([ok, ok])
  })
})
