import { markerLine } from '../../../kong/guard/guard-name.ts'
import type { Exchange } from '../../../kong/local-gateway/exchange.ts'
import {
  type GuardedExchange,
  nativeFunctions,
} from '../../../kong/local-gateway/guard-functions.ts'
import type { Outcome, Row } from './row.ts'

/** Runs a row through the TypeScript stand-in, as the local gateway would. */
export function nativeOutcome(row: Row): Outcome {
  const exchange: GuardedExchange = {
    headers: new Map(),
    shared: new Map(),
    requestId: 'request',
    exit: undefined,
  }
  const filler = Array.from({ length: row.fill }, (_, at) => [`x-filler-${at}`, '1'] as const)
  const repeated = Array.from({ length: row.repeat }, () => ['x-filler', '1'] as const)
  add(exchange, [...row.client, ...filler, ...repeated, ...row.hidden])
  if (row.first) run(`${row.form}-access-first`, row, exchange)
  if (exchange.exit === undefined) {
    for (const [name] of row.plugin) exchange.headers.delete(name.toLowerCase())
    add(exchange, row.plugin)
    run(`${row.last}-access-last`, row, exchange)
  }
  return outcomeOf(exchange)
}

function run(
  name: Parameters<typeof markerLine>[0],
  { applies = false, context }: Row,
  exchange: GuardedExchange,
): void {
  const native = nativeFunctions[markerLine(name)]
  if (native === undefined) throw new TypeError(`no stand-in for ${name}`)
  // The gateway hands over its whole exchange; the functions read no more than a GuardedExchange.
  native(exchange as Exchange, {
    protectedRoute: applies,
    routeTags: (context.route as { tags?: string[] } | undefined)?.tags ?? [],
  })
}

function add({ headers }: GuardedExchange, fields: Row['client']): void {
  for (const [name, value] of fields) {
    const key = name.toLowerCase()
    headers.set(key, [...(headers.get(key) ?? []), value])
  }
}

function outcomeOf({ headers, exit }: GuardedExchange): Outcome {
  const body = JSON.parse(exit?.body ?? '{}') as Record<string, string>
  const likeOurs = [...headers].flatMap(([name, values]) =>
    name.includes('oathmesh') ? values.map(() => name) : [],
  )
  return {
    outcome: exit?.status ?? 'pass',
    upstream: likeOurs.join(' '),
    error: body['error'] ?? '',
    message: body['message'] ?? '',
    fix: body['fix'] ?? '',
    retryAfter: String(exit?.headers['retry-after'] ?? ''),
    cacheControl: String(exit?.headers['cache-control'] ?? ''),
  }
}
