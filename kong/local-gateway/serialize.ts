import { WORKSPACE } from './entities.ts'
import type { Exchange } from './exchange.ts'
import { fromBytes } from './header-text.ts'
import { LuaError } from './lua-error.ts'
import { queryLists } from './query-lists.ts'

type Table = Record<string, unknown>

/** What `kong.log.serialize` gives a log plugin, without sizes, tries and latencies: JSON text. */
export function serialize(exchange: Exchange): string {
  const { message, target, route, service, requestId, sent, consumer, credential } = exchange
  const host = exchange.clientHeaders.get('host')?.[0] ?? ''
  const { id } = (credential ?? {}) as { id?: unknown }
  const log: Table = {
    upstream_uri: exchange.upstreamUri,
    request: {
      id: requestId,
      method: message.method,
      url: `http://${host}${target.raw}`,
      uri: target.raw,
      querystring: flattened(Object.entries(queryLists(target.rawQuery ?? '', 100))),
      headers: headersOf(exchange),
    },
    workspace: WORKSPACE,
    workspace_name: 'default',
    source: sent?.source,
    started_at: exchange.startedAt,
    client_ip: exchange.clientAddress,
    consumer,
    authenticated_entity: credential === undefined ? undefined : { id },
    service: service.entity,
    route: route.entity,
    response: { status: sent?.status, headers: responseHeaders(sent?.headers ?? []) },
    upstream_status: sent?.source === 'upstream' ? String(sent.status) : '',
  }
  for (const [key, value] of exchange.serializeValues) place(log, key.split('.'), value)
  return JSON.stringify(log)
}

function headersOf({ headers }: Exchange): Table {
  const shown = flattened([...headers].map(([name, values]) => [name, values.map(fromBytes)]))
  // Kong never logs credentials.
  for (const name of ['authorization', 'proxy-authorization']) {
    if (name in shown) shown[name] = 'REDACTED'
  }
  return shown
}

function responseHeaders(raw: readonly string[]): Table {
  const lists = new Map<string, string[]>()
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] ?? '').toLowerCase()
    lists.set(name, [...(lists.get(name) ?? []), raw[at + 1] ?? ''])
  }
  return flattened([...lists])
}

/** One value stands for itself, several are a list, none is `true`. */
function flattened(lists: readonly (readonly [string, readonly unknown[]])[]): Table {
  return Object.fromEntries(
    lists.map(([name, values]) => [name, values.length > 1 ? values : (values[0] ?? true)]),
  )
}

/** Dots in a key of `set_serialize_value` lead into tables, made where there are none. */
function place(table: Table, [first = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    table[first] = value
    return
  }
  table[first] ??= {}
  const inner = table[first]
  if (typeof inner !== 'object' || inner === null) {
    throw new LuaError(`the key could not be used as a serialize value: ${first} is not a table`)
  }
  place(inner as Table, rest, value)
}
