import { RateLimit } from '../../issuer/rate-limit.ts'
import { BILLING_TOKEN, basic, TestIssuer } from './fixture.ts'

describe('RateLimit', () => {
  let now = 0
  const limit = (perMinute: number, burst: number) => {
    now = 123_456.789
    return new RateLimit({ perMinute, burst }, () => now)
  }
  const granted = (of: RateLimit, attempts: number) =>
    Array.from({ length: attempts }, () => of.take('a')).filter(({ allowed }) => allowed).length

  test.each([
    [100, 20],
    [7, 3],
    [1, 1],
    [6000, 1000],
  ])('grants at %i a minute and a burst of %i exactly the burst at once', (perMinute, burst) => {
    expect(granted(limit(perMinute, burst), burst + 50)).toBe(burst)
  })

  test.each([
    [100, 20],
    [7, 3],
    [1, 1],
  ])('grants at %i a minute exactly that many in each minute after', (perMinute, burst) => {
    const of = limit(perMinute, burst)
    granted(of, burst)
    for (let minute = 0; minute < 5; minute++) {
      let count = 0
      // By steps of a second, each with more attempts than it has tokens.
      for (let second = 0; second < 60; second++) {
        now += 1000
        count += granted(of, 5)
      }
      expect(count).toBe(perMinute)
    }
  })

  test('says when the next is granted, and keeps its word', () => {
    const of = limit(6, 1)
    of.take('a')
    expect(of.take('a')).toEqual({ allowed: false, retryAfterSeconds: 10, first: true })
    now += 9000
    expect(of.take('a')).toEqual({ allowed: false, retryAfterSeconds: 1, first: false })
    now += 1000
    expect(of.take('a')).toEqual({ allowed: true })
  })

  test('fills up to the burst and no further', () => {
    const of = limit(60, 5)
    granted(of, 5)
    now += 3_600_000
    expect(granted(of, 20)).toBe(5)
  })

  test('remembers a hundred thousand keys, the latest', () => {
    const of = limit(1, 1)
    for (let at = 0; at <= 100_000; at++) of.take(`${at}`)
    expect([of.take('1').allowed, of.take('100000').allowed]).toEqual([false, false])
    expect(of.take('0').allowed).toBe(true)
  })

  test('counts each key for itself', () => {
    const of = limit(1, 1)
    expect([of.take('a'), of.take('b')]).toEqual([{ allowed: true }, { allowed: true }])
  })
})

describe('an issuer', () => {
  test('limits each caller by the figures, and says when to come again', async () => {
    const issuer = await TestIssuer.start({ rateLimit: { perMinute: 30, burst: 4 } })
    const ask = async () => (await issuer.mint(basic(), BILLING_TOKEN)).status
    const statuses = [await ask(), await ask(), await ask(), await ask(), await ask()]
    expect(statuses).toEqual([200, 200, 200, 200, 429])
    const refused = await issuer.mint(basic(), BILLING_TOKEN)
    expect(refused.json).toMatchObject({ error: 'rate_limited', fix: expect.any(String) })
    expect(refused.headers['retry-after']).toBe('2')
    expect(issuer.audit.at(-1)).toMatchObject({ event: 'refuse', caller: 'client:billing' })
    issuer.advance(2)
    expect([await ask(), await ask()]).toEqual([200, 429])
    await issuer.stop()
  })

  test('limits failed attempts by the address of the socket, whatever headers say', async () => {
    const issuer = await TestIssuer.start({ attemptLimit: { perMinute: 6, burst: 3 } })
    const known = await issuer.mint(basic(), BILLING_TOKEN)
    const codes = []
    for (let at = 0; at < 6; at++) {
      const headers = { 'x-forwarded-for': `10.0.0.${at}`, forwarded: `for=10.0.0.${at}` }
      const answer = await issuer.call('/v1/token', { headers, body: '{}' })
      codes.push(answer.status)
    }
    expect(codes).toEqual([401, 401, 401, 429, 429, 429])
    // One line says that it has begun; the flood itself would fill the disk.
    expect(issuer.audit.filter(({ code }) => code === 'rate_limited')).toHaveLength(1)
    // A client whose secret has been checked before is let in from the same address.
    expect([known.status, (await issuer.mint(basic(), BILLING_TOKEN)).status]).toEqual([200, 200])
    expect((await issuer.mint(basic('billing', 'guess'), BILLING_TOKEN)).status).toBe(429)
    issuer.advance(10)
    expect((await issuer.call('/v1/token', { body: '{}' })).status).toBe(401)
    await issuer.stop()
  })
})
