import { existsSync } from 'node:fs'
import { openVerification } from '../../cli/explain/verification.ts'
import { type Outage, type PlayId, playsOf, type Stage, send } from '../../explorer/index.ts'
import { GivenCall } from '../../lib/explain/given-call.ts'
import { walk } from '../../lib/explain/walk.ts'
import { parseConfig } from '../../schema/parse-config.ts'
import { ENVOY } from '../../testkit/envoy.ts'
import { RedisServer } from '../../testkit/redis-server.ts'
import { AUDIENCE, inventoryConfig, SUBJECT } from '../inventory-config.ts'
import { type DemoIssuer, startIssuer } from '../issuer.ts'
import { startEnvoySide } from './envoy-side.ts'
import { startKongSide } from './kong-side.ts'
import type { Side } from './side.ts'

export interface DemoStage {
  readonly stage: Stage
  stop(): Promise<void>
}

const ENVOY_MISSING = 'not installed: bash test/envoy/install-envoy.sh'

/** Starts everything the explorer plays with, on loopback: both gateways on one issuer and one Redis. */
export async function openDemoStage(): Promise<DemoStage> {
  const started: { stop(): Promise<void> }[] = []
  const stop = async () => {
    for (const part of started.splice(0).reverse()) await part.stop()
  }
  const keep = <T extends { stop(): Promise<void> }>(part: T): T => {
    started.push(part)
    return part
  }
  try {
    const issuer = keep(await startIssuer(AUDIENCE))
    const redis = new KillableRedis(await RedisServer.start())
    keep(redis)
    const { host, port } = redis.server
    const config = {
      ...inventoryConfig(issuer.url),
      replay: { store: 'redis' },
      redis: { host, port },
    }
    const sides = [keep(await startKongSide(config, 'Redis'))]
    if (existsSync(ENVOY)) sides.push(keep(await startEnvoySide(config, 'Redis')))
    // A gateway that has been running has its keys: the first call of a person is not the first of all.
    for (const { gateway } of sides) await send(gateway.url, await issuer.mint())
    return { stage: await stageOf(issuer, redis, sides, config), stop }
  } catch (cause) {
    await stop()
    throw cause
  }
}

async function stageOf(
  issuer: DemoIssuer,
  redis: KillableRedis,
  sides: readonly Side[],
  config: object,
): Promise<Stage> {
  const clock = { at: 0, now: () => clock.at }
  const explaining = await openVerification(parseConfig(config), clock, String, {
    // What the store says is the gateway's word.
    claim: () => 'fresh',
  })
  const missing = { id: 'envoy', label: 'Envoy', decider: 'oathmesh-envoy', missing: ENVOY_MISSING }
  return {
    issuer: issuer.url,
    gateways: [...sides.map(({ gateway }) => gateway), ...(sides.length > 1 ? [] : [missing])],
    plays: playsOf(
      'call',
      'replay',
      'tamper',
      'clock_skew',
      'policy',
      'dead_store',
      'dead_decider',
    ),
    wanted: { sub: SUBJECT, aud: AUDIENCE, act: 'inventory.write', ttlSeconds: 120 },
    sources: [
      'The token is minted by the issuer that ships, over HTTP.',
      'Where the call got, and why, is the audit line of the gateway.',
      'What each step looked at is what the same steps find in the same token, at the instant of that line.',
    ],
    async mint({ ttlSeconds, ...claims }, clockOffSeconds) {
      const asked = { ...claims, ttl_hint: ttlSeconds }
      const { token, error, message } = await issuer.ask(asked, clockOffSeconds)
      if (token !== undefined) return { outcome: 'minted', token }
      return { outcome: 'refused', why: `${error}: ${message}` }
    },
    explain(token, target, at) {
      clock.at = at
      const [rawPath = '', rawQuery = ''] = target.split('?')
      const line = { method: 'GET', rawPath, rawQuery }
      return walk(new GivenCall(`OathMesh ${token}`, line, Buffer.alloc(0)), explaining)
    },
    async outage(play: PlayId, gateway: string): Promise<Outage> {
      const side = sides.find((one) => one.gateway.id === gateway)
      if (side === undefined) throw new RangeError('gateway: not on this stage')
      return play === 'dead_store' ? redis.outage(sides) : side.killDecider()
    },
  }
}

class KillableRedis {
  server: RedisServer

  constructor(server: RedisServer) {
    this.server = server
  }

  async outage(sides: readonly Side[]): Promise<Outage> {
    const { pid } = this.server
    await this.server.kill()
    return {
      done: `redis-server, process ${pid}, was killed (SIGKILL)`,
      undo: async () => {
        this.server = await RedisServer.start({ from: this.server })
        for (const side of sides) await side.redisIsBack()
        return `It has been started again, process ${this.server.pid}, and has forgotten all: tokens from before are refused.`
      },
    }
  }

  stop(): Promise<void> {
    return this.server.stop()
  }
}
