import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { childrenOf } from '../../../testkit/children-of.ts'
import { document, JwksServer } from '../../../testkit/jwks-server.ts'
import { KEYS, publicJwk } from '../../../testkit/keys.ts'
import { SentinelEstate } from '../../../testkit/redis-estates.ts'
import type { RedisServer } from '../../../testkit/redis-server.ts'
import { serviceWith } from '../../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../../testkit/vectors.ts'
import { AuditFile } from './audit-file.ts'
import { DENIED, type Oracle } from './oracle.ts'
import { holdDown, PATIENT_MS } from './sentinel-patience.ts'

export const JWKS = { keys: [publicJwk(KEYS.trusted)] }
const RPC_TIMEOUT_MS = 2000

/** Everything that a walk breaks: a gateway with two workers, Redis behind Sentinel, an issuer's keys, a policy, a clock. */
export interface Estate {
  readonly gateway: Loopback
  readonly redis: SentinelEstate
  /** The server that is master now, and the one that has come back after a failover. */
  readonly store: { now: RedisServer; back?: RedisServer }
  readonly jwks: JwksServer
  /** Of the policy file; the good text is put back by `mend`. */
  writePolicy(text: string | undefined): void
  /** Whether what takes the lines of the audit file is full. */
  setDisk(state: 'full' | 'empty'): void
  /** Tells the oracle what is wrong with the lines that were written before the disk was full. */
  checkAudit(): void
  /** Seconds by which the gateway's clock is ahead. */
  setClock(seconds: number): void
  /** Processes of the plugin server, the parent first. */
  processes(): readonly number[]
  stop(): Promise<void>
}

export const POLICY = JSON.stringify({
  version: 1,
  issuers: ['https://issuer.example.test'],
  audiences: [BASE_CONFIG.audience],
  rules: [
    { name: 'never', match: { sub: DENIED }, allow: false },
    { name: 'callers', match: { sub: 'agent://*' }, allow: true },
    { name: 'default', allow: false },
  ],
})

export async function startEstate(oracle: Oracle): Promise<Estate> {
  const folder = mkdtempSync(join(tmpdir(), 'oathmesh-walk-'))
  const [policy, clock] = [join(folder, 'policy.json'), join(folder, 'clock')]
  writeFileSync(policy, POLICY)
  writeFileSync(clock, '0')
  const audit = new AuditFile(folder)
  const jwks = await JwksServer.start(document(JWKS))
  const redis = await SentinelEstate.start()
  await holdDown(redis, PATIENT_MS)
  const config = configOf(policy, jwks, redis)
  const gateway = await startOnLoopback({
    plugin: { flags: ['--workers', '2'] },
    env: {
      NODE_OPTIONS: `--require ${resolve('testkit/clock-offset.cjs')}`,
      OATHMESH_TEST_CLOCK_OFFSET: clock,
    },
    rpcTimeoutMs: RPC_TIMEOUT_MS,
    respawnDelayMs: 50,
    upstream: (message, response) => {
      oracle.arrived({ url: message.url ?? '', headers: message.headers })
      response.end()
    },
    log: (_level, line) => oracle.logged(line),
    keptLines: 1000,
    entities: serviceWith({
      '/walk': config,
      // Its lines may be lost, and with them what was let in while Redis was away: so nothing is.
      '/filed': {
        ...config,
        replay: { store: 'redis', known_good_window: 0 },
        audit: { sink: 'file', file: audit.path },
      },
    }),
  })
  const store: Estate['store'] = { now: redis.master }
  return {
    gateway,
    redis,
    store,
    jwks,
    writePolicy: (text) => (text === undefined ? rmSync(policy) : writeFileSync(policy, text)),
    setDisk: (state) => audit.set(state),
    checkAudit: () => {
      for (const fault of audit.faults()) oracle.saw(fault)
    },
    setClock: (seconds) => writeFileSync(clock, String(seconds)),
    processes: () => processesOf(gateway),
    async stop() {
      await gateway.stop()
      await Promise.all([redis.stop(), jwks.stop(), store.back?.stop()])
      rmSync(folder, { recursive: true })
    },
  }
}

function configOf(policy: string, jwks: JwksServer, { sentinel }: SentinelEstate): object {
  return {
    ...BASE_CONFIG,
    issuers: [{ issuer: 'https://issuer.example.test', jwks_uri: `${jwks.origin}/jwks` }],
    keys: { allow_http: true, ttl: 60, stale_if_error: 60, refresh_cooldown: 5 },
    policy: { file: policy },
    replay: { store: 'redis' },
    redis: {
      sentinel_master: 'oathmesh',
      sentinel_nodes: [{ host: sentinel.host, port: sentinel.port }],
    },
  }
}

function processesOf({ pluginServer: { pid } }: Loopback): readonly number[] {
  if (pid === undefined) return []
  return [pid, ...childrenOf(pid)]
}
