import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openGateway } from '../../../lib/gateway/open-gateway.ts'
import { Resources } from '../../../lib/gateway/resources.ts'
import { silentLog } from '../../../lib/ports/log.ts'
import { findingsIn } from '../../../lib/status/findings.ts'
import { mergeSnapshots } from '../../../lib/status/merge-snapshots.ts'
import { EMPTY_SNAPSHOT, type GatewaySnapshot } from '../../../lib/status/snapshot.ts'
import { parseConfig } from '../../../schema/parse-config.ts'
import { readPolicy } from '../../../schema/read-policy.ts'
import { toGatewaySettings } from '../../../schema/to-settings.ts'
import { document, JwksServer } from '../../../testkit/jwks-server.ts'
import { KEYS, publicJwk } from '../../../testkit/keys.ts'
import { RedisServer, until } from '../../../testkit/redis-server.ts'
import { BASE_CONFIG } from '../../../testkit/vectors.ts'

let nowMs = Date.now()
let folder: string
let resources: Resources
beforeEach(() => {
  nowMs = Date.now()
  folder = mkdtempSync(join(tmpdir(), 'oathmesh-snapshot-'))
  resources = new Resources({
    log: silentLog,
    readPolicy,
    startedAt: nowMs / 1000,
    clock: { now: () => nowMs },
  })
})
afterEach(async () => {
  await resources.close()
  rmSync(folder, { recursive: true })
})

function open(changes: object, entity = 'one'): void {
  openGateway(toGatewaySettings(parseConfig({ ...BASE_CONFIG, ...changes }), entity), resources)
}

const found = () => findingsIn(resources.snapshot()).map(({ what, about }) => [what, about])
const becomes = (words: readonly string[]) =>
  until(() => JSON.stringify(found().map(([what]) => what)) === JSON.stringify(words), 5000)

describe('a snapshot', () => {
  test('of a healthy process names entities, keys, store and policy, and finds nothing', () => {
    const rules = [{ name: 'default', allow: false }]
    open({ audit: { sink: 'kong' }, policy: { rules }, issuers: BASE_CONFIG.issuers.slice(0, 1) })
    const [rule] = BASE_CONFIG.issuers
    expect(resources.snapshot()).toEqual({
      entities: [
        {
          entity: 'one',
          audience: BASE_CONFIG.audience,
          enforcement: 'enforce',
          issuers: [rule?.issuer],
          replay: 'memory',
          policy: 'inline of one',
        },
      ],
      issuers: [
        expect.objectContaining({ issuer: rule?.issuer, source: 'inline', state: 'fresh' }),
      ],
      redis: [],
      memory: { entries: 0, max_entries: expect.any(Number) },
      policies: [
        expect.objectContaining({
          rules: 1,
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        }),
      ],
      audit: [],
      warnings: [],
    } as unknown as GatewaySnapshot)
    expect(found()).toEqual([])
  })

  test('forgets what an entity was configured with before', () => {
    open({ audience: 'https://old.internal' })
    open({ audience: 'https://new.internal' })
    const { entities } = resources.snapshot()
    expect(entities.map(({ audience }) => audience)).toEqual(['https://new.internal'])
  })

  test('shows keys that grow stale, are lost and come back', async () => {
    const good = document({ keys: [publicJwk(KEYS.trusted)] })
    const issuer = await JwksServer.start(good)
    const keys = { allow_http: true, ttl: 30, stale_if_error: 60 }
    open({ issuers: [{ issuer: issuer.origin }], keys })
    await until(() => resources.snapshot().issuers[0]?.state === 'fresh', 5000)
    await issuer.stop()
    nowMs += 31_000
    const config = parseConfig({ ...BASE_CONFIG, issuers: [{ issuer: issuer.origin }], keys })
    const { kid } = KEYS.trusted
    const lookup = await resources.keys(toGatewaySettings(config, 'one')).find(issuer.origin, kid)
    expect(lookup.found).toBe('key')
    await becomes(['keys_stale'])
    nowMs += 60_000
    await becomes(['keys_missing'])
    expect(found()).toEqual([['keys_missing', issuer.origin]])
    await issuer.resume()
    resources.purgeKeys()
    await becomes([])
    await issuer.stop()
  })

  test('shows a Redis that goes and comes, without its password', async () => {
    const redis = await RedisServer.start({
      args: ['--requirepass', 'planted-secret'],
      cliArgs: ['-a', 'planted-secret', '--no-auth-warning'],
    })
    const settings = { host: '127.0.0.1', port: redis.port, password: 'planted-secret' }
    open({ replay: { store: 'redis' }, redis: settings })
    await until(() => resources.snapshot().redis[0]?.state === 'up', 5000)
    await redis.kill()
    await becomes(['redis_away'])
    expect(found()).toEqual([['redis_away', `127.0.0.1:${redis.port}`]])
    const [row] = resources.snapshot().redis
    expect(row).toMatchObject({ became_up: 1, became_away: 1, cause: expect.any(String) })
    expect(JSON.stringify(resources.snapshot())).not.toContain('planted')
    await redis.stop()
  })

  test('shows a policy file that was never valid, is valid, and is replaced by a broken one', async () => {
    const file = join(folder, 'policy.json')
    writeFileSync(file, '{')
    open({ policy: { file } })
    await becomes(['policy_missing'])
    const issuers = BASE_CONFIG.issuers.map(({ issuer }) => issuer)
    const rules = [{ name: 'default', allow: false }]
    const audiences = [BASE_CONFIG.audience]
    writeFileSync(file, JSON.stringify({ version: 1, issuers, audiences, rules }))
    await becomes([])
    expect(resources.snapshot().policies[0]).toMatchObject({ policy: file, rules: 1 })
    writeFileSync(file, '{"version": 2}')
    await becomes(['policy_outdated'])
    expect(resources.snapshot().policies[0]).toMatchObject({ rules: 1, reload_failures: 2 })
  })

  test('keeps the newest ten warnings, counts repeats, and escapes what acts on a terminal', () => {
    for (let line = 0; line < 12; line++) resources.log.warn(`line ${line}`)
    resources.log.error('again', { cause: '\u001b[31m' })
    resources.log.error('again', { cause: '\u001b[31m' })
    const { warnings } = resources.snapshot()
    expect(warnings).toHaveLength(10)
    expect(warnings[0]?.text).toBe('line 3')
    expect(warnings.at(-1)).toMatchObject({ level: 'error', times: 2 })
    expect(warnings.at(-1)?.text).not.toContain('\u001b')
  })
})

describe('snapshots together', () => {
  const empty = EMPTY_SNAPSHOT

  test('take the worst state, and the sum of what is counted', () => {
    const keys = { issuer: 'i', source: 'remote', keys: 1, fetches: 2, failures: 1 } as const
    const redis = { redis: 'r', became_up: 1, became_away: 0, degraded: 2, unavailable: 0 } as const
    const sink = { sink: '/a', written: 5, dropped: 1, waiting: 0 } as const
    const one: GatewaySnapshot = {
      ...empty,
      issuers: [{ ...keys, state: 'fresh' }],
      redis: [{ ...redis, state: 'up' }],
      audit: [sink],
      guard: 'seen',
    }
    const other: GatewaySnapshot = {
      ...empty,
      issuers: [{ ...keys, state: 'stale' }],
      redis: [{ ...redis, state: 'away', cause: 'gone' }],
      audit: [{ ...sink, cause: 'disk full' }],
      guard: 'not_seen',
    }
    for (const order of [
      [one, other],
      [other, one],
    ]) {
      const { issuers, redis: stores, audit, guard } = mergeSnapshots(order)
      expect(issuers).toEqual([{ ...keys, state: 'stale', fetches: 4, failures: 2 }])
      expect(stores).toMatchObject([{ state: 'away', cause: 'gone', became_up: 2, degraded: 4 }])
      expect(audit).toEqual([
        { sink: '/a', written: 10, dropped: 2, waiting: 0, cause: 'disk full' },
      ])
      expect(guard).toBe('not_seen')
    }
  })

  test('show two versions of one policy file side by side', () => {
    const policy = { policy: '/p.json', state: 'loaded', reload_failures: 0 } as const
    const { policies } = mergeSnapshots([
      { ...empty, policies: [{ ...policy, sha256: 'aa' }] },
      { ...empty, policies: [{ ...policy, sha256: 'bb' }] },
    ])
    expect(policies).toHaveLength(2)
  })
})
