import { setTimeout as sleep } from 'node:timers/promises'
import { unrefTimer } from '../../../lib/keys/later.ts'
import { document, JwksServer } from '../../../testkit/jwks-server.ts'
import { newKey } from './fixture.ts'
import { runAlone } from './run-alone.ts'

test('a delay too long for Node is not taken for none at all', async () => {
  const run = jest.fn()
  unrefTimer(run, 2 ** 31)
  await sleep(20)

  expect(run).not.toHaveBeenCalled()
})

test('a cache in use, with its timer and its idle connection, lets the process end', async () => {
  const server = await JwksServer.start(document({ keys: [newKey('key').jwk] }))
  const startedAt = performance.now()
  const printed = await runAlone(`
    import { KeyCache } from './lib/keys/key-cache.ts'
    import { systemClock } from './lib/ports/clock.ts'
    import { silentLog } from './lib/ports/log.ts'
    const cache = new KeyCache({
      issuers: [{ issuer: '${server.origin}' }],
      settings: {
        ttlSeconds: 60, staleIfErrorSeconds: 0, refreshCooldownSeconds: 30, timeoutMs: 2000, allowHttp: true,
      },
      clock: systemClock,
      log: silentLog,
    })
    cache.prewarm().then(async () => console.log((await cache.find('${server.origin}', 'key')).found))`)

  expect(printed).toBe('key')
  expect(performance.now() - startedAt).toBeLessThan(4000)
  await server.stop()
})
