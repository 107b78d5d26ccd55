import { ANONYMOUS, type RedisCommand, type RedisLink } from '../../../lib/redis/redis-link.ts'
import { Epoch } from '../../../lib/replay/epoch.ts'
import { NOW } from './token-use.ts'

/** One string that several gateways read and write. */
class Shelf {
  mark: string | null = null
  writes = 0

  link(): RedisLink {
    return {
      name: 'scripted',
      report: { state: 'up', became_up: 1, became_away: 0 },
      sharded: false,
      isAway: () => false,
      settling: () => undefined,
      seek: () => {},
      open: async () => {},
      serverOf: () => 'unused',
      send: async (command) => this.#run(command),
      onServer: () => {},
      close: async () => {},
    }
  }

  #run([name, , value = '', condition]: RedisCommand): unknown {
    if (name === 'get') return this.mark
    if (condition === 'NX' && this.mark !== null) return null
    this.mark = value
    this.writes += 1
    return 'OK'
  }
}

describe('an epoch', () => {
  let shelf: Shelf
  let nowMs: number
  let begun: string[]
  let future: number[]

  beforeEach(() => {
    shelf = new Shelf()
    nowMs = NOW * 1000 + 500
    begun = []
    future = []
  })

  const epoch = () =>
    new Epoch('key', {
      link: shelf.link(),
      clock: { now: () => nowMs },
      onBegin: (seconds, why) => begun.push(`${seconds - NOW} ${why}`),
      onFuture: (seconds) => future.push(seconds),
    })

  test('begins with the second after the one in which it was found missing', async () => {
    expect(await epoch().covers(NOW, null, 'a')).toBe(false)
    expect(shelf.mark).toBe(`${NOW + 1} a`)
    expect(begun).toEqual(['1 Redis has no epoch'])
    expect(await epoch().covers(NOW + 1, shelf.mark, 'a')).toBe(true)
  })

  test('is prepared before the first token, once', async () => {
    const own = epoch()
    await own.prepare('a')
    await own.prepare('a')
    expect(shelf.mark).toBe(`${NOW + 1} a`)
    expect(shelf.writes).toBe(1)
  })

  test('is that of whoever wrote it first', async () => {
    const [one, other] = [epoch(), epoch()]
    nowMs += 5000
    await Promise.all([one.covers(NOW, null, 'a'), other.covers(NOW, null, 'a')])
    expect(shelf.writes).toBe(1)
  })

  test('begins anew on a server that did not write it', async () => {
    shelf.mark = `${NOW - 100} a`
    expect(await epoch().covers(NOW, shelf.mark, 'b')).toBe(false)
    expect(shelf.mark).toBe(`${NOW + 1} b`)
    expect(begun).toEqual(['1 Redis is another process than before'])
  })

  test('holds for as long as mark and server stay', async () => {
    shelf.mark = `${NOW - 100} a`
    const own = epoch()
    for (let n = 0; n < 100; n += 1) expect(await own.covers(NOW + n, shelf.mark, 'a')).toBe(true)
    expect(shelf.writes).toBe(0)
  })

  test('covers the whole second it begins with, and nothing earlier', async () => {
    shelf.mark = `${NOW} a`
    const own = epoch()
    expect(await own.covers(NOW, shelf.mark, 'a')).toBe(true)
    expect(await own.covers(NOW - 1, shelf.mark, 'a')).toBe(false)
  })

  test('lies behind every token that was accepted before records were lost', async () => {
    shelf.mark = `${NOW - 100} a`
    const own = epoch()
    expect(await own.covers(NOW + 20, shelf.mark, 'a')).toBe(true)
    shelf.mark = `${NOW + 1} a`
    expect(await own.covers(NOW + 20, shelf.mark, 'a')).toBe(false)
    expect(shelf.mark).toBe(`${NOW + 21} a`)
    expect(begun).toEqual(['21 Redis may have lost records since'])
  })

  test('is adopted from another gateway when it lies late enough', async () => {
    shelf.mark = `${NOW - 100} a`
    const own = epoch()
    expect(await own.covers(NOW, shelf.mark, 'a')).toBe(true)
    shelf.mark = `${NOW + 1} a`
    expect(await own.covers(NOW, shelf.mark, 'a')).toBe(false)
    expect(await own.covers(NOW + 1, shelf.mark, 'a')).toBe(true)
    expect(shelf.writes).toBe(0)
  })

  test('of a named server is good enough for a gateway that may not ask for names', async () => {
    shelf.mark = `${NOW} a`
    expect(await epoch().covers(NOW, shelf.mark, ANONYMOUS)).toBe(true)
    expect(shelf.writes).toBe(0)
  })

  test('is not fought over for ever by gateways to which one Redis has two names', async () => {
    const [one, other] = [epoch(), epoch()]
    for (let n = 0; n < 50; n += 1) {
      nowMs += 1000
      await one.covers(NOW + n, shelf.mark, 'a')
      await other.covers(NOW + n, shelf.mark, 'b')
    }
    const { writes } = shelf
    expect(writes).toBeLessThan(20)
    expect(await one.covers(NOW + 60, shelf.mark, 'a')).toBe(true)
    expect(await other.covers(NOW + 60, shelf.mark, 'b')).toBe(true)
    expect(shelf.writes).toBe(writes)
  })

  test.each(['', 'soon', '12', '1e9 a', '-5 a', `${NOW}a`, 7, undefined])(
    'that reads %p is a fault and is left as it is',
    async (mark) => {
      await expect(epoch().covers(NOW, mark, 'a')).rejects.toThrow('not readable')
      expect(shelf.writes).toBe(0)
    },
  )

  test('far in the future is reported', async () => {
    shelf.mark = `${NOW + 3600} a`
    expect(await epoch().covers(NOW, shelf.mark, 'a')).toBe(false)
    expect(future).toEqual([NOW + 3600])
  })

  test('settles once for many simultaneous calls', async () => {
    const own = epoch()
    const calls = Array.from({ length: 50 }, () => own.covers(NOW + 1, null, 'a'))
    expect(new Set(await Promise.all(calls))).toEqual(new Set([true]))
    expect(shelf.writes).toBe(1)
  })

  test('that vanishes under every hand is a fault', async () => {
    const link = { ...shelf.link(), send: async () => null }
    const own = new Epoch('key', {
      link,
      clock: { now: () => nowMs },
      onBegin: () => {},
      onFuture: () => {},
    })
    await expect(own.covers(NOW, null, 'a')).rejects.toThrow('does not stand still')
  })
})
