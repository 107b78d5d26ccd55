import { body, document, JwksServer } from '../../../testkit/jwks-server.ts'
import { atOnce, cacheOf, newKey, until, waited } from './fixture.ts'

const key = newKey('key')

let server: JwksServer
beforeEach(async () => {
  server = await JwksServer.start(document({ keys: [key.jwk] }))
})
afterEach(() => server.stop())

function newCache(settings = {}) {
  const made = cacheOf({ issuers: [{ issuer: server.origin }], settings })
  const find = (kid = 'key') => made.cache.find(server.origin, kid)
  const stats = () => made.cache.stats()[0] ?? { fetches: -1, failures: -1, keys: -1 }
  /** Moves the clock with its timers, second by second, as a gateway under traffic sees it. */
  const serve = async (seconds: number, expected: string) => {
    for (let second = 0; second < seconds; second++) {
      made.time.advance(1)
      const { found } = await find()
      expect({ second, found }).toEqual({ second, found: expected })
      await made.settled()
    }
  }
  return { ...made, find, stats, serve }
}

describe('an issuer that is away', () => {
  test('is not missed during the lifetime and the stale window, and is afterwards', async () => {
    const { cache, find, serve, stats } = newCache()
    await cache.prewarm()
    await server.stop()

    await serve(660, 'key')
    await serve(1, 'unreachable')
    expect(stats().keys).toBe(0)
    await server.resume()
    expect(atOnce(find())).toBe('unreachable')
  })

  test('is back with one fetch, and everything is as before', async () => {
    const { cache, time, find, serve, stats, log } = newCache()
    await cache.prewarm()
    await server.stop()
    await serve(700 - 40, 'key')
    await serve(40, 'unreachable')
    await server.resume()
    const { requests } = server
    time.advance(15)
    await until(() => stats().keys === 1)

    expect(atOnce(find())).toBe('key')
    expect(server.requests - requests).toBe(1)
    expect(log.lines.at(-1)).toMatchObject({ level: 'info', fields: { issuer: server.origin } })
    time.advance(47)
    expect(server.requests - requests).toBe(1)
  })

  test('is missed at the end of the lifetime when there is no stale window', async () => {
    const { cache, find, time } = newCache({ staleIfErrorSeconds: 0 })
    await cache.prewarm()
    await server.stop()
    time.jump(59.9)
    expect(atOnce(find())).toBe('key')
    time.jump(0.2)

    expect((await find()).found).toBe('unreachable')
  })

  test('is missed at a moment that counts from when the last good fetch began', async () => {
    const { find, time, settled } = newCache()
    const answer = server.answer
    server.answer = (request, response) => {
      time.jump(50)
      answer(request, response)
    }
    expect(await waited(find())).toBe('key')
    await server.stop()
    time.jump(609)
    expect((await find()).found).toBe('key')
    await settled()
    time.jump(1.1)

    expect((await find()).found).toBe('unreachable')
  })

  test('is asked a few times a minute, however many calls there are', async () => {
    const { find, time, stats } = newCache()
    await server.stop()
    const answers = new Set<string>()
    for (let tenth = 0; tenth < 600; tenth++) {
      time.jump(0.1)
      for (let call = 0; call < 5; call++) answers.add((await find()).found)
    }

    expect([...answers]).toEqual(['unreachable'])
    // After 0.75, 1.5, 3, 6, 11.25 s and so on.
    expect(stats().fetches).toBeLessThan(10)
    expect(stats().fetches).toBeGreaterThan(5)
  })

  test('costs a call no time while one is backing off', async () => {
    const { find } = newCache()
    await server.stop()

    expect(await waited(find())).toBe('unreachable')
    expect(atOnce(find())).toBe('unreachable')
  })

  test('costs a call no time while stale keys serve and a retry hangs', async () => {
    const { cache, time, find, stats } = newCache()
    await cache.prewarm()
    await server.stop()
    time.jump(59)
    expect(atOnce(find())).toBe('key')
    await until(() => stats().failures === 1)
    await server.resume()
    server.answer = () => {}
    time.jump(30)
    const { requests } = server

    expect(atOnce(find())).toBe('key')
    await until(() => server.requests > requests)
    expect(atOnce(find())).toBe('key')
  })

  test('does not make an unknown kid known, nor a miss permanent', async () => {
    const { cache, find } = newCache()
    await cache.prewarm()
    await server.stop()

    expect(await waited(find('other'))).toBe('unknown_kid')
    expect(cache.stats()).toMatchObject([{ failures: 1, misses: 0 }])
  })

  test('is tried again soon after the clock was set back', async () => {
    const { find, time } = newCache()
    await server.stop()
    await find()
    await server.resume()
    time.jump(-3600)

    expect(await waited(find())).toBe('key')
  })

  test('is noticed by the timer alone when no call comes', async () => {
    const { cache, time, find, stats } = newCache()
    await server.stop()
    await cache.prewarm()
    await server.resume()
    time.advance(1)
    await until(() => stats().keys === 1)

    expect(atOnce(find())).toBe('key')
  })
})

describe('an issuer that answers nonsense', () => {
  test('leaves the last good keys in place for the stale window only', async () => {
    const { cache, serve } = newCache()
    await cache.prewarm()
    server.answer = body('<html>maintenance</html>')

    await serve(660, 'key')
    await serve(1, 'invalid_document')
  })

  test('is told apart from one that is away', async () => {
    const { find, time } = newCache()
    server.answer = body('nonsense')
    expect(await waited(find())).toBe('invalid_document')
    expect(atOnce(find())).toBe('invalid_document')
    await server.stop()
    time.jump(20)
    expect(await waited(find())).toBe('unreachable')
  })

  test('is reported with its name and the cause, at the rate of the fetches', async () => {
    const { find, log, stats, time } = newCache()
    server.answer = body('nonsense')
    for (let call = 0; call < 500; call++) {
      time.jump(0.1)
      await find()
    }

    expect(log.lines).toHaveLength(stats().fetches)
    expect(log.lines[0]).toEqual({
      level: 'warn',
      message: 'the keys of an issuer could not be fetched',
      fields: {
        issuer: server.origin,
        cause: 'is not JSON in UTF-8 with unique member names',
        keys_held: 0,
        retry_seconds: 1,
      },
    })
  })
})

test('a log that cannot be written neither rejects a call nor ends the process', async () => {
  const { find, log } = newCache()
  log.warn = () => {
    throw new Error('EPIPE')
  }
  await server.stop()

  expect(await waited(find())).toBe('unreachable')
})
