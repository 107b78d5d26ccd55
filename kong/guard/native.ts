import type { NativeFunction } from '../local-gateway/chain.ts'
import type { Exchange } from '../local-gateway/exchange.ts'
import { exitAnswer } from '../local-gateway/exit-answer.ts'
import { type GuardName, markerLine } from './guard-name.ts'

/** What the guard's functions see of a request in the local gateway, and what they leave there. */
export type GuardedExchange = Pick<Exchange, 'headers' | 'shared' | 'requestId' | 'exit'>

const MAX_HEADERS = 1000
const MARKER = 'x-oathmesh-decision'
const PASSES: readonly string[] = ['allow', 'observe', 'anonymous']
/** A route that carries it is open although no oathmesh entity applies. */
const PUBLIC_TAG = 'oathmesh-public'
const NO_STORE = { 'Cache-Control': 'no-store' }

const FUNCTIONS = {
  'global-access-first': first,
  'global-access-last': (exchange, { protectedRoute }) => {
    if (protectedRoute) last(exchange)
  },
  'closed-access-last': (exchange, { protectedRoute, routeTags }) => {
    if (protectedRoute || !routeTags.includes(PUBLIC_TAG)) last(exchange)
  },
  'scoped-access-first': first,
  'scoped-access-last': last,
} satisfies Record<
  GuardName,
  (exchange: GuardedExchange, context: Parameters<NativeFunction>[1]) => void
>

/**
 * The guard in TypeScript, for the local gateway, which has no Lua: by the first line of each Lua
 * function, the same effect on the same request. The gateway knows itself whether an oathmesh entity
 * applies, so Kong's table of plugins has no counterpart here.
 */
export const nativeFunctions: Readonly<Record<string, NativeFunction>> = Object.fromEntries(
  Object.entries(FUNCTIONS).map(([name, run]) => [markerLine(name as GuardName), run]),
)

function first(exchange: GuardedExchange): void {
  const fields = [...exchange.headers.values()].reduce((sum, values) => sum + values.length, 0)
  for (const name of [...exchange.headers.keys()]) {
    if (name.replaceAll('_', '-').startsWith('x-oathmesh-')) exchange.headers.delete(name)
  }
  if (fields < MAX_HEADERS) {
    exchange.shared.set('oathmesh_guard', true)
    return
  }
  const body = {
    error: 'verification_failed',
    message: 'The request has too many headers.',
    fix: 'Send fewer than 1000 header fields.',
  }
  exchange.exit = exitAnswer([400, body, NO_STORE], exchange.requestId)
}

function last(exchange: GuardedExchange): void {
  const [marker = '', ...more] = exchange.headers.get(MARKER) ?? []
  const passed = more.length === 0 && PASSES.includes(marker)
  if (passed && exchange.shared.get('oathmesh_guard') === true) return
  const body = {
    error: 'verification_failed',
    message: 'The token could not be verified.',
    fix: 'Retry after the time in Retry-After; mint a new token if this one has expired.',
  }
  exchange.exit = exitAnswer([503, body, { ...NO_STORE, 'Retry-After': '1' }], exchange.requestId)
}
