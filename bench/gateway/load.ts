import { performance } from 'node:perf_hooks'
import type { Pool } from 'undici'
import { median, quantile } from '../shared/statistics.ts'
import type { Prepared, Route } from './routes.ts'

export interface Block {
  readonly requests: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** As fast as the connections allow: each has its next request as soon as it has an answer. */
export async function closedLoop(
  pool: Pool,
  route: Route,
  { connections, calls }: { readonly connections: number; readonly calls: number },
): Promise<Block> {
  const prepared = Array.from({ length: calls }, () => route.prepare())
  const times: number[] = []
  const lane = async () => {
    for (let next = prepared.pop(); next !== undefined; next = prepared.pop()) {
      times.push(await timed(pool, route, next, performance.now()))
    }
  }
  const start = performance.now()
  await Promise.all(Array.from({ length: connections }, lane))
  return blockOf(times, performance.now() - start)
}

/**
 * So many a second, whatever the answers do: each is timed from the instant at which it was due, so that a stall
 * counts for all whom it would have kept waiting.
 */
export async function openLoop(
  pool: Pool,
  route: Route,
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<Block> {
  const prepared = Array.from({ length: perSecond * seconds }, () => route.prepare())
  const start = performance.now()
  const pending: Promise<number>[] = []
  for (const [at, request] of prepared.entries()) {
    const due = start + (at * 1000) / perSecond
    await dueAt(due)
    pending.push(timed(pool, route, request, due))
  }
  return blockOf(await Promise.all(pending), performance.now() - start)
}

/** Not by a timer alone: that comes up to two milliseconds late, which would be in every figure. */
async function dueAt(due: number): Promise<void> {
  const early = Math.floor(due - performance.now())
  if (early > 2) await new Promise((later) => setTimeout(later, early - 2))
  while (performance.now() < due) await new Promise((later) => setImmediate(later))
}

/**
 * Waits until the route answers as it should: a store begins with its first call, and tokens of the second in which
 * it did may have been used before. Rejects after ten seconds.
 */
export async function settle(pool: Pool, route: Route): Promise<void> {
  const until = performance.now() + 10_000
  for (;;) {
    try {
      await timed(pool, route, route.prepare(), performance.now())
      return
    } catch (cause) {
      if (performance.now() > until) throw cause
      await new Promise((later) => setTimeout(later, 300))
    }
  }
}

async function timed(
  pool: Pool,
  { path, status, name }: Route,
  { method, headers, body }: Prepared,
  from: number,
): Promise<number> {
  const answer = await pool.request({ path, method, headers, body: body ?? null })
  const text = await answer.body.text()
  if (answer.statusCode !== status) {
    throw new Error(`${name}: answered with ${answer.statusCode}: ${text.slice(0, 300)}`)
  }
  return performance.now() - from
}

function blockOf(times: readonly number[], wallMs: number): Block {
  return {
    requests: times.length,
    perSecond: (times.length / wallMs) * 1000,
    p50Ms: median(times),
    p99Ms: quantile(times, 0.99),
  }
}
