import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freshToken } from '../../../testkit/fresh-token.ts'
import { document, JwksServer } from '../../../testkit/jwks-server.ts'
import { KEYS, publicJwk } from '../../../testkit/keys.ts'
import { PausingProxy } from '../../../testkit/pausing-proxy.ts'
import { RedisServer, until } from '../../../testkit/redis-server.ts'
import { gateway, wellBehaved } from './gateway.ts'
import { both, CONFIG, type Target } from './target.ts'

const KEYS_FROM = (jwks: JwksServer) => ({
  issuers: [{ issuer: 'https://issuer.example.test', jwks_uri: `${jwks.origin}/jwks.json` }],
  keys: { allow_http: true, ttl: 2, timeout_ms: 30_000 },
})

const used = (redis: { readonly host: string; readonly port: number }) => ({
  replay: { store: 'redis' },
  redis: { host: redis.host, port: redis.port, timeout: 5000 },
})

const RULES = [{ name: 'all', allow: true, match: { sub: '*' } }]
const POLICY = {
  version: 1,
  issuers: ['https://issuer.example.test'],
  audiences: [CONFIG.audience],
  rules: [...RULES, { name: 'default', allow: false }],
}

/** Everything that the others have, and no fault. One call in fifty is refused, as on any day, and some are only observed. */
export async function healthy(): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'om-healthy-'))
  const file = join(folder, 'policy.json')
  writeFileSync(file, JSON.stringify(POLICY))
  const jwks = await JwksServer.start(document({ keys: [publicJwk(KEYS.trusted)] }))
  const redis = await RedisServer.start()
  const audit = { sink: 'file', file: join(folder, 'audit.log') }
  const config = { ...CONFIG, ...KEYS_FROM(jwks), ...used(redis), audit, policy: { file } }
  return gateway({
    routes: { '/items': config, '/legacy': { ...config, enforcement: 'observe' } },
    raises: [],
    call(send, turn) {
      void send('/items', freshToken({}, turn % 50 === 49 ? KEYS.stranger : KEYS.trusted))
      void send('/legacy')
    },
    async stop() {
      await jwks.stop()
      await redis.stop()
      rmSync(folder, { recursive: true })
    },
  })
}

/** Redis comes and goes, and then stays away. */
export async function redisDies(): Promise<Target> {
  let redis = await RedisServer.start()
  return gateway({
    routes: { '/items': { ...CONFIG, ...used(redis) } },
    raises: [...both('OathMeshRedisAway'), ...both('OathMeshUnavailable', CONFIG.audience)],
    // An emptied Redis has no history: tokens from before are refused with 401.
    mayRaise: both('OathMeshBurstOf401', CONFIG.audience),
    call: wellBehaved,
    async begin() {
      for (let times = 0; times < 4; times++) {
        await redis.kill()
        await pause(1000)
        redis = await RedisServer.start({ from: redis })
        await pause(2000)
      }
      await redis.kill()
    },
    stop: () => redis.stop(),
  })
}

/** Answers of Redis take up to 0.7 seconds. */
export async function redisIsSlow(): Promise<Target> {
  const redis = await RedisServer.start()
  const proxy = await PausingProxy.to(redis.port)
  let slow: NodeJS.Timeout | undefined
  return gateway({
    routes: { '/items': { ...CONFIG, ...used({ host: '127.0.0.1', port: proxy.port }) } },
    raises: both('OathMeshSlow'),
    // Where everything is slow, it is silent for so long that it counts as away.
    mayRaise: [...both('OathMeshRedisAway'), ...both('OathMeshUnavailable', CONFIG.audience)],
    call: wellBehaved,
    async begin() {
      slow = setInterval(() => {
        proxy.resume()
        setTimeout(() => proxy.pause(), 20)
      }, 700)
    },
    async stop() {
      clearInterval(slow)
      await proxy.close()
      await redis.stop()
    },
  })
}

/**
 * A route whose settings cannot be used, a policy that is broken by its next version, a disk that is full, and an issuer
 * that can no longer be asked for its keys.
 */
export async function nodeIsCutOff(): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'om-cut-off-'))
  const file = join(folder, 'policy.json')
  writeFileSync(file, JSON.stringify(POLICY))
  const jwks = await JwksServer.start(document({ keys: [publicJwk(KEYS.trusted)] }))
  let cutOff = false
  return gateway({
    routes: {
      '/items': { ...CONFIG, ...KEYS_FROM(jwks), policy: { file } },
      '/broken': { ...CONFIG, keys: { ca_file: join(folder, 'nowhere.pem') } },
      '/full': { ...CONFIG, audit: { sink: 'file', file: '/dev/full' } },
    },
    raises: [
      'OathMeshRouteBroken critical',
      'OathMeshPolicyNotTaken warning',
      'OathMeshAuditDropped critical',
      ...both('OathMeshKeysStale'),
    ],
    call(send) {
      void send('/items', freshToken())
      if (!cutOff) return
      void send('/broken', freshToken())
      void send('/full', freshToken())
    },
    async begin() {
      cutOff = true
      writeFileSync(`${file}.new`, '{"version": 1')
      renameSync(`${file}.new`, file)
      await jwks.stop()
    },
    async stop() {
      await jwks.stop()
      rmSync(folder, { recursive: true })
    },
  })
}

/** The plugin server is killed again and again, and may have one request open, but gets several at a time. */
export async function serverIsUnfit(): Promise<Target> {
  const redis = await RedisServer.start()
  let overrun = false
  return gateway({
    routes: { '/items': { ...CONFIG, ...used(redis) } },
    flags: ['--max-events', '1'],
    raises: ['OathMeshServerRefuses warning', 'OathMeshRestarts warning'],
    // A start takes a while on a busy machine, and whoever is given up while the plugin decides is an internal_error there.
    mayRaise: ['OathMeshDown critical', ...both('OathMeshBurstOf401', CONFIG.audience)],
    call(send) {
      for (let calls = overrun ? 4 : 1; calls > 0; calls--) void send('/items', freshToken())
    },
    async begin({ pluginServer }, startedAt) {
      overrun = true
      for (let times = 0; times < 4; times++) {
        const before = await startedAt()
        if (pluginServer.pid !== undefined) process.kill(pluginServer.pid, 'SIGKILL')
        await until(async () => ![undefined, before].includes(await startedAt()), 30_000)
      }
    },
    stop: () => redis.stop(),
  })
}
