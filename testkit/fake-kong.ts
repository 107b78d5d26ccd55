import type { HeaderLists } from '../lib/index.ts'
import type { Kong, KongConsumer } from '../plugins/oathmesh/kong.ts'

export interface FakeRequest {
  readonly headers?: HeaderLists | null
  readonly method?: string
  readonly target?: string
  readonly body?: Uint8Array | null
  readonly credential?: object
  /** Whom another plugin has authenticated. */
  readonly consumer?: KongConsumer
  /** By username. */
  readonly consumers?: Readonly<Record<string, KongConsumer>>
}

export interface FakeKong extends Kong {
  /** Every PDK call in order, with its arguments. */
  readonly calls: readonly (readonly [method: string, ...args: unknown[]])[]
  /** The names of the calls by what was asked together, before Kong answered any of them: round trips. */
  readonly turns: readonly (readonly string[])[]
}

/**
 * Kong as one plugin instance meets it: notes PDK calls, and answers those that were made together at once, on
 * the next turn. No call may follow an exit.
 */
export function fakeKong(
  request: FakeRequest = {},
  faults: Readonly<Record<string, unknown>> = {},
): FakeKong {
  const calls: [string, ...unknown[]][] = []
  const turns: string[][] = []
  let turn: { names: string[]; answered: Promise<void> } | undefined
  const begin = () => {
    const names: string[] = []
    turns.push(names)
    const answered = new Promise(setImmediate).then(() => {
      turn = undefined
    })
    return { names, answered }
  }
  const ask = (method: string): Promise<void> => {
    turn ??= begin()
    turn.names.push(method)
    return turn.answered
  }
  const answer =
    <T>(method: string, value: T) =>
    (...args: unknown[]): Promise<T> => {
      if (calls.some(([name]) => name === 'response.exit')) throw new Error(`${method} after exit`)
      calls.push([method, ...args])
      return ask(method).then(() => {
        if (method in faults) throw faults[method]
        return value
      })
    }
  return {
    calls,
    turns,
    request: {
      get_headers: answer(
        'request.get_headers',
        request.headers === undefined ? {} : request.headers,
      ),
      get_method: answer('request.get_method', request.method ?? 'GET'),
      get_path_with_query: answer('request.get_path_with_query', request.target ?? '/'),
      get_raw_body: answer('request.get_raw_body', request.body ?? null),
    },
    service: { request: { set_headers: answer('service.request.set_headers', undefined) } },
    client: {
      get_forwarded_ip: answer('client.get_forwarded_ip', '10.0.4.99'),
      get_credential: answer('client.get_credential', request.credential ?? null),
      get_consumer: answer('client.get_consumer', request.consumer ?? null),
      load_consumer: (name, byUsername) =>
        answer('client.load_consumer', request.consumers?.[name] ?? null)(name, byUsername),
      authenticate: answer('client.authenticate', undefined),
    },
    router: {
      get_route: answer('router.get_route', { id: 'r-1', name: 'items' }),
      get_service: answer('router.get_service', { id: 's-1' }),
    },
    ctx: { shared: { get: answer('ctx.shared.get', null) } },
    nginx: { get_var: answer('nginx.get_var', '4748dd65c3f2a4305977e8f620de86e7') },
    log: {
      err: answer('log.err', undefined),
      warn: answer('log.warn', undefined),
      notice: answer('log.notice', undefined),
      set_serialize_value: answer('log.set_serialize_value', undefined),
    },
    response: { exit: answer('response.exit', undefined) },
  }
}
