import { document, JwksServer } from '../../../testkit/jwks-server.ts'
import { atOnce, cacheOf, newKey, until, waited } from './fixture.ts'

const stolen = newKey('stolen')
const clean = newKey('clean')

let server: JwksServer
beforeEach(async () => {
  server = await JwksServer.start(document({ keys: [stolen.jwk] }))
})
afterEach(() => server.stop())

async function warmCache() {
  const made = cacheOf({ issuers: [{ issuer: server.origin }] })
  await made.cache.prewarm()
  made.time.jump(10)
  return { ...made, find: (kid: string) => made.cache.find(server.origin, kid) }
}

describe('a purge', () => {
  test('forgets a key that the issuer has withdrawn, and fetches without being asked', async () => {
    const { cache, find, log, settled } = await warmCache()
    server.answer = document({ keys: [clean.jwk] })
    cache.purge()
    await settled()

    expect(server.requests).toBe(2)
    expect(atOnce(find('clean'))).toBe('key')
    expect((await find('stolen')).found).toBe('unknown_kid')
    expect(log.lines).toMatchObject([{ level: 'info', fields: { issuer: server.origin } }])
  })

  test('leaves nothing that could serve as stale', async () => {
    const { cache, find } = await warmCache()
    await server.stop()
    cache.purge()

    expect(await waited(find('stolen'))).toBe('unreachable')
    expect(atOnce(find('stolen'))).toBe('unreachable')
  })

  test('does not trust an answer that was on its way', async () => {
    const { cache, find, time } = await warmCache()
    let release = () => {}
    server.answer = (request, response) => {
      release = () => document({ keys: [stolen.jwk] })(request, response)
    }
    time.jump(40)
    expect(atOnce(find('stolen'))).toBe('key')
    await until(() => server.requests === 2)
    cache.purge()
    const call = find('stolen')
    server.answer = document({ keys: [clean.jwk] })
    release()
    // The new fetch begins a second after the old one.
    await until(() => time.pendingTimers === 2)
    time.advance(1)

    expect(await waited(call)).toBe('unknown_kid')
    expect(atOnce(find('clean'))).toBe('key')
    expect(server.requests).toBe(3)
  })

  test('at any rate causes one fetch a second', async () => {
    const { cache, time, settled } = await warmCache()
    for (let tenth = 0; tenth < 100; tenth++) {
      for (let again = 0; again < 10; again++) cache.purge()
      expect(cache.stats()).toMatchObject([{ keys: 0 }])
      time.advance(0.1)
      await settled()
    }

    expect(server.requests).toBeGreaterThanOrEqual(10)
    expect(server.requests).toBeLessThanOrEqual(13)
  })

  test('ends a back-off: whoever orders it knows more', async () => {
    const { cache, find, time } = await warmCache()
    await server.stop()
    time.jump(700)
    for (let failure = 0; failure < 4; failure++) {
      expect(await waited(find('stolen'))).toBe('unreachable')
      time.jump(7)
    }
    expect(await waited(find('stolen'))).toBe('unreachable')
    await server.resume()
    cache.purge()
    time.advance(1)

    expect(await waited(find('stolen'))).toBe('key')
  })

  test('is not put off by a clock that was set back', async () => {
    const { cache, find, time } = await warmCache()
    time.jump(-3600)
    cache.purge()
    const call = find('stolen')
    time.advance(1)

    expect(await waited(call)).toBe('key')
  })

  test('spaces its own fetch only', async () => {
    const { cache, find, time, settled } = await warmCache()
    time.jump(30)
    cache.purge()
    await settled()

    expect(await waited(find('unknown'))).toBe('unknown_kid')
    expect(server.requests).toBe(3)
  })

  test('fetches nothing for an issuer that was never asked', () => {
    const { cache, time, log } = cacheOf({ issuers: [{ issuer: server.origin }] })
    cache.purge()
    time.advance(10)

    expect(server.connections).toBe(0)
    expect(log.lines).toEqual([])
  })
})
