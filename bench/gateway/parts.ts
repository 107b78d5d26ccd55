import type { Pool } from 'undici'
import { type Block, closedLoop, openLoop } from './load.ts'
import type { Route } from './routes.ts'

/** One question, put to several routes in turn. */
export interface Part {
  readonly name: string
  readonly of: readonly Route[]
  warmUp?(): Promise<void>
  block(route: Route): Promise<Block>
}

export interface PartOptions {
  readonly poolOf: (route: Route) => Pool
  /** Of a block that goes as fast as it can. */
  readonly calls: number
  /** Of a block whose pace is set. */
  readonly seconds: number
}

/** Until code is compiled that runs for every call: without them, slow first calls are all that a paced p99 tells. */
const WARM_UP_CALLS = 4000

export const AT_16 = '16 connections'
export const AT_200 = '200 per second'
export const QUIET = '50 per second'
export const FLOODED = '50 per second in a flood of 500 unknown kids per second'

export function partsOf(all: readonly Route[], options: PartOptions): readonly Part[] {
  const { poolOf, calls, seconds } = options
  const named = (...names: readonly string[]) => all.filter(({ name }) => names.includes(name))
  const few = named(
    'no plugin',
    'empty plugin',
    'one verification',
    'memory',
    'Redis and revocation',
  )
  const flood = named('refused: unknown kid')
  const closed = (name: string, connections: number, of: readonly Route[]): Part => ({
    name,
    of,
    block: (route) => closedLoop(poolOf(route), route, { connections, calls }),
  })
  const paced = (name: string, perSecond: number, of: readonly Route[]): Part => ({
    name,
    of,
    async warmUp() {
      const wanted = { connections: 16, calls: WARM_UP_CALLS }
      for (const route of of) await closedLoop(poolOf(route), route, wanted)
    },
    block: (route) => openLoop(poolOf(route), route, { perSecond, seconds }),
  })
  return [
    closed('1 connection', 1, few),
    closed(AT_16, 16, all),
    closed('64 connections', 64, few),
    paced(AT_200, 200, named('no plugin', 'empty plugin', 'memory')),
    paced('1000 per second', 1000, named('no plugin', 'empty plugin', 'memory')),
    paced(QUIET, 50, named('memory')),
    {
      name: FLOODED,
      of: flood.length === 0 ? [] : named('memory'),
      async block(route) {
        const flooding = flood.map((each) =>
          openLoop(poolOf(each), each, { perSecond: 500, seconds }),
        )
        const block = await openLoop(poolOf(route), route, { perSecond: 50, seconds })
        await Promise.all(flooding)
        return block
      },
    },
  ]
}
