import { type GuardName, markerLine } from '../guard/guard-name.ts'
import type { NativeFunction } from './chain.ts'
import type { Exchange } from './exchange.ts'
import { exitAnswer } from './exit-answer.ts'

/** What the guard's functions see of a request in the local gateway, and what they leave there. */
export type GuardedExchange = Pick<Exchange, 'headers' | 'shared' | 'requestId' | 'exit'>

const MAX_HEADERS = 1000
const MARKER = 'x-oathmesh-decision'
/** What `Connection` must not name, with the commas around a name; without the second, what begins so. */
// biome-ignore format: as in Lua
const STAY = [
  ',content-length,', ',transfer-encoding,', ',host,', ',authorization,',
  ',x-oathmesh-', ',x-consumer-', ',x-anonymous-consumer,', ',x-credential-identifier,',
]
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
  const { headers } = exchange
  const fields = [...headers.values()].reduce((sum, values) => sum + values.length, 0)
  const connection = headers.get('connection') ?? []
  for (const name of [...headers.keys()]) {
    if (folded(name).startsWith('x-oathmesh-')) headers.delete(name)
  }
  if (fields >= MAX_HEADERS) {
    refuse(exchange, 'The request has too many headers.', 'Send fewer than 1000 header fields.')
  } else if (mustStay(connection)) {
    const fix = 'Name no identity, authorization or framing header in Connection.'
    refuse(exchange, 'The Connection header names a header that must stay.', fix)
  } else {
    exchange.shared.set('oathmesh_guard', true)
  }
}

function mustStay(connection: readonly string[]): boolean {
  const names = `,${folded(connection.join(',')).replace(/[^a-z0-9-]+/g, ',')},`
  return STAY.some((stay) => names.includes(stay))
}

function folded(name: string): string {
  return name.toLowerCase().replaceAll('_', '-')
}

function refuse(exchange: GuardedExchange, message: string, fix: string): void {
  const body = { error: 'verification_failed', message, fix }
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
