import { freshToken } from '../../../testkit/fresh-token.ts'
import { httpCall } from '../../../testkit/http-call.ts'
import { freePort } from '../../../testkit/listen.ts'
import { until } from '../../../testkit/redis-server.ts'
import { serviceWith } from '../../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../../testkit/vectors.ts'
import type { StartedAt, Target } from './target.ts'

export interface GatewayOptions {
  readonly routes: Readonly<Record<string, object>>
  readonly flags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly raises: readonly string[]
  readonly mayRaise?: readonly string[]
  /** What is sent at a time, given how often something has been. */
  readonly call: (send: Send, turn: number) => void
  readonly begin?: (stack: Loopback, startedAt: StartedAt) => Promise<void>
  readonly stop?: () => Promise<void>
}

/** Calls a path with a token, or without one, and gives the status. Never rejects. */
export type Send = (path: string, token?: string) => Promise<number | undefined>

const MAX_WAITING = 8

/** A plugin server with metrics behind a local gateway, as a target. */
export async function gateway(options: GatewayOptions): Promise<Target> {
  const address = `127.0.0.1:${await freePort()}`
  const stack = await startOnLoopback({
    plugin: { flags: ['--metrics', address, ...(options.flags ?? [])] },
    entities: serviceWith(options.routes),
    env: options.env ?? {},
    respawnDelayMs: 50,
  })
  let [turn, waiting] = [0, 0]
  const send: Send = async (path, token) => {
    // Calls that queue up would be old when they are decided, on a machine that is busy.
    if (waiting >= MAX_WAITING) return undefined
    waiting++
    const headers = token === undefined ? [] : ['Authorization', `OathMesh ${token}`]
    const answer = await httpCall(stack.url, { path, headers }).catch(() => undefined)
    waiting--
    return answer?.status
  }
  // Keys are fetched, and the history of an empty Redis has begun.
  const [path = ''] = Object.keys(options.routes)
  const { audience = BASE_CONFIG.audience } = options.routes[path] as { audience?: string }
  await until(async () => (await send(path, freshToken({ aud: audience }))) === 200, 60_000)
  return {
    job: 'oathmesh-gateway',
    address,
    raises: options.raises,
    mayRaise: options.mayRaise ?? [],
    call: () => options.call(send, turn++),
    begin: async (startedAt) => options.begin?.(stack, startedAt),
    async stop() {
      await stack.stop()
      await options.stop?.()
    },
  }
}

/** A good call of `/items`. */
export const wellBehaved = (send: Send) => void send('/items', freshToken())
