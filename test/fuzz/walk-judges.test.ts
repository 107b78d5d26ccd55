import { memoryReport } from './walk/memory.ts'
import { Oracle, type WalkCall } from './walk/oracle.ts'

function arrive(oracle: Oracle, { id, path, headers }: WalkCall, tokenId = id): void {
  expect(headers[0]).toBe('Authorization')
  const allowed = { 'x-oathmesh-decision': 'allow', 'x-oathmesh-token-id': tokenId }
  oracle.arrived({ url: path, headers: allowed })
}

function passed(oracle: Oracle): WalkCall {
  const call = oracle.next('fresh', 0.5)
  arrive(oracle, call)
  oracle.answered(call)
  return call
}

describe('the oracle of a walk', () => {
  test('sees a token that has passed twice', () => {
    const oracle = new Oracle()
    const first = passed(oracle)
    const again = oracle.next('again', 0)
    arrive(oracle, again, first.id)
    expect(oracle.violations).toEqual([expect.stringContaining('its token has passed twice')])
  })

  test('lets a known token pass again while Redis is away, as often as a line says so', () => {
    const oracle = new Oracle()
    const { id } = passed(oracle)
    oracle.logged(`{"event":"allow","jti":"${id}","degraded":true}`)
    arrive(oracle, oracle.next('again', 0), id)
    expect(oracle.violations).toEqual([])
    arrive(oracle, oracle.next('again', 0), id)
    expect(oracle.violations).toHaveLength(1)
  })

  test.each(['forged', 'expired', 'denied'] as const)(
    'sees a call that must not pass: %s',
    (kind) => {
      const oracle = new Oracle()
      arrive(oracle, oracle.next(kind, 0.5))
      expect(oracle.violations).toEqual([expect.stringContaining(`must not pass: ${kind}`)])
    },
  )

  test('sees a request that nobody has sent', () => {
    const oracle = new Oracle()
    oracle.arrived({ url: '/walk?call=x', headers: {} })
    expect(oracle.violations).toEqual([expect.stringContaining('nobody sent it')])
  })

  test('knows a token as long as a call with it is on its way, however many have passed since', () => {
    const oracle = new Oracle()
    const { id } = passed(oracle)
    const late = oracle.next('again', 0)
    for (let count = 0; count < 25_000; count++) passed(oracle)
    arrive(oracle, late, id)
    expect(oracle.violations).toEqual([expect.stringContaining('its token has passed twice')])
  }, 60_000)
})

describe('the memory of a walk', () => {
  const life = (pids: string, seconds: number, kib: (second: number) => number) =>
    Array.from({ length: seconds }, (_, second) => ({ pids, kib: kib(second) }))

  test('is flat where it does not grow once it is warm', () => {
    const grown = (second: number) => 200_000 + Math.min(second, 90) * 1000
    expect(memoryReport(life('1,2', 400, grown))).toEqual({
      seconds: 310,
      firstThirdKib: 290_000,
      lastThirdKib: 290_000,
      flat: 'yes',
    })
  })

  test('is not flat where every second adds some', () => {
    expect(memoryReport(life('1,2', 400, (second) => 200_000 + second * 500)).flat).toBe('no')
  })

  test('is that of the processes which were there at the end', () => {
    const killed = life('1,2', 500, (second) => second * 1000)
    const lived = life('1,3', 400, () => 300_000)
    expect(memoryReport([...killed, ...lived])).toMatchObject({ seconds: 310, flat: 'yes' })
    expect(memoryReport([...lived, ...killed.slice(0, 100)]).flat).toBe('unknown')
    expect(memoryReport([]).flat).toBe('unknown')
  })
})
