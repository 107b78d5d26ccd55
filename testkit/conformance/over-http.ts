import { httpCall } from '../http-call.ts'
import type { RedisServer } from '../redis-server.ts'
import type { Seen } from '../seen.ts'
import {
  authorizationOf,
  bodyOf,
  configOf,
  cook,
  idFrom,
  tokenOf,
  VECTOR_NOW,
  VECTOR_START,
  type Vector,
} from '../vectors.ts'
import type { Bench } from './implementation.ts'
import type { Outcome, Row } from './outcome.ts'

/** A running implementation with a configuration for each host name. */
export interface Stage {
  readonly url: string
  /** What has reached the service behind it. */
  readonly seen: readonly Seen[]
  stop(): Promise<void>
}

export type Configurations = Readonly<Record<string, object>>

/** Plays every case through HTTP. Those of an isolated file get an implementation of their own each. */
export async function runOverHttp(
  bench: Bench,
  open: (configurations: Configurations) => Promise<Stage>,
): Promise<readonly Row[]> {
  const shared = bench.files.filter(({ isolated }) => !isolated)
  const isolated = bench.files.filter((file) => file.isolated)
  const hosts = new Hosts(bench)
  for (const { cases } of shared) for (const vector of cases) hosts.of(vector)
  const rows: Row[] = []
  bench.clock.set(VECTOR_START)
  await beginHistory(bench.redis)
  const stage = await open(hosts.configurations)
  try {
    for (const { file, cases } of shared) {
      for (const vector of cases) {
        const call = { vector, host: hosts.of(vector), token: tokenOf(vector, file) }
        rows.push({ file, name: vector.name, got: await play(bench, stage, call) })
      }
    }
  } finally {
    await stage.stop()
  }
  for (const { file, cases } of isolated) {
    for (const vector of cases) {
      bench.clock.set(VECTOR_START)
      const config = { ...configOf(vector), audit: { sink: 'none' } }
      const own = await open({ 'only.test': config })
      const call = { vector, host: 'only.test', token: tokenOf(vector) }
      try {
        rows.push({ file, name: vector.name, got: await play(bench, own, call) })
      } finally {
        await own.stop()
      }
    }
  }
  return rows
}

/** An empty Redis that remembers since the start of the vectors. Its own identity is part of the mark. */
async function beginHistory(redis: RedisServer): Promise<void> {
  await redis.cli('flushall')
  const [, id = ''] = /^run_id:(\w+)/m.exec(await redis.cli('info', 'server')) ?? []
  await redis.cli('set', 'oathmesh:replay:epoch', `${VECTOR_START} ${id}`)
}

/** A host name for every configuration. */
class Hosts {
  readonly #bench: Bench
  readonly #hosts = new Map<string, string>()

  constructor(bench: Bench) {
    this.#bench = bench
  }

  of(vector: Vector): string {
    const config = JSON.stringify(this.#configOf(vector))
    const host = this.#hosts.get(config) ?? `v${this.#hosts.size}.test`
    this.#hosts.set(config, host)
    return host
  }

  get configurations(): Configurations {
    const entries = [...this.#hosts].map(([config, host]) => [host, JSON.parse(config) as object])
    return Object.fromEntries(entries) as Configurations
  }

  #configOf(vector: Vector): object {
    const { host, port } = this.#bench.redis
    return {
      ...configOf(vector),
      audit: { sink: 'none' },
      // Who is revoked, only Redis knows.
      ...(vector.revoked !== undefined && {
        replay: { store: 'redis' },
        redis: { host, port },
        revocation: { enabled: true },
      }),
    }
  }
}

interface PlayedCall {
  readonly vector: Vector
  readonly host: string
  readonly token: string
}

async function play({ clock, redis }: Bench, stage: Stage, call: PlayedCall): Promise<Outcome> {
  const { vector } = call
  clock.set(vector.now ?? VECTOR_NOW)
  const { revoked = [], before = [], uses = 0 } = vector
  for (const subject of revoked) await redis.cli('hset', 'oathmesh:revocations', subject, '{}')
  for (const recipe of before) await present(stage, { ...call, token: cook(recipe, idFrom('-')) })
  for (let use = 0; use < uses; use++) await present(stage, call)
  const outcome = await present(stage, call)
  if (revoked.length > 0) await redis.cli('del', 'oathmesh:revocations')
  return outcome
}

async function present(stage: Stage, { vector, host, token }: PlayedCall): Promise<Outcome> {
  const { method = 'GET', path = '/' } = vector.request ?? {}
  const before = stage.seen.length
  const answer = await httpCall(stage.url, {
    method,
    path: path.replaceAll('{token}', token),
    headers: [
      'Host',
      host,
      ...authorizationOf(vector, token).flatMap((value) => ['Authorization', value]),
      ...Object.entries(vector.headers ?? {}).flat(),
      ...(vector.connection === undefined ? [] : ['Connection', vector.connection]),
    ],
    body: bodyOf(vector),
  })
  const reached = stage.seen[before]
  if (answer.status === 200 && reached?.headers['x-oathmesh-decision'] === 'allow') return 'allow'
  const { error, step } = jsonOf(answer.text)
  if (reached !== undefined) return { code: `the service got a call of status ${answer.status}` }
  return error === undefined ? { status: answer.status } : { code: error, step }
}

function jsonOf(text: string): { readonly error?: string; readonly step?: number } {
  try {
    return JSON.parse(text) as object
  } catch {
    return {}
  }
}
