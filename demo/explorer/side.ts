import type { RequestListener } from 'node:http'
import { type Outage, pairsOf, type Sighting, type StageGateway } from '../../explorer/index.ts'
import { until } from '../../testkit/redis-server.ts'

/** One gateway with all that stands behind it. */
export interface Side {
  readonly gateway: StageGateway
  /** Kills the process that decides. */
  killDecider(): Promise<Outage>
  /** Waits until the deciding process has noticed that Redis is there again. */
  redisIsBack(): Promise<void>
  stop(): Promise<void>
}

const AUDIT_MS = 5000
export const BACK_MS = 30_000

/** Headers of the calls that reached an upstream, as they came. */
export type Arrivals = (readonly (readonly [name: string, value: string])[])[]

/** The service behind a gateway: it knows nothing of tokens. */
export function serviceInto(arrivals: Arrivals): RequestListener {
  return ({ rawHeaders, headers }, response) => {
    arrivals.push(pairsOf(rawHeaders))
    response.setHeader('content-type', 'application/json')
    const answer = { items: ['A-1', 'B-7'], youAre: headers['x-oathmesh-subject'] ?? null }
    response.end(`${JSON.stringify(answer, null, 2)}\n`)
  }
}

/** Watches an upstream and audit lines from now on. */
export function watching(
  arrivals: Arrivals,
  audit: () => readonly string[],
): ReturnType<StageGateway['watch']> {
  const [arrived, written] = [arrivals.length, audit().length]
  return async ({ tokenId, decided }): Promise<Sighting> => {
    const line = () =>
      audit()
        .slice(written)
        .find((text) => idIn(text) === tokenId)
    // It may come after the answer: through a pipe, or because the disk is slow.
    if (decided) await until(() => line() !== undefined, AUDIT_MS).catch(() => {})
    const found = line()
    const upstream = arrivals[arrived] ?? 'not_reached'
    return { upstream, ...(found !== undefined && { audit: found }) }
  }
}

/** Waits until every "Redis cannot be used" on a standard error has been taken back. */
export async function redisIsBackIn(log: () => string): Promise<void> {
  const count = (words: string) => log().split(words).length
  await until(
    () => count('info: Redis can be used again') >= count('warn: Redis cannot be used'),
    BACK_MS,
  )
}

function idIn(line: string): unknown {
  try {
    return Object(JSON.parse(line)).jti
  } catch {
    return undefined
  }
}
