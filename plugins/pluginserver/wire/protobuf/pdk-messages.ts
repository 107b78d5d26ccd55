import { ByteWriter } from './byte-writer.ts'
import type { MessageName } from './messages.ts'
import { type Message, readMessage } from './read-message.ts'
import { readStruct, readValue } from './read-struct.ts'
import { writeMessage } from './write-message.ts'
import { writeList, writeStruct } from './write-struct.ts'

/** The bytes of a call's arguments. Throws a `TypeError` for arguments that cannot be sent. */
export type WriteArguments = (args: readonly unknown[]) => Uint8Array
/** The value that a plugin gets for an answer; what is nil in Lua is undefined. Throws `FrameFault`. */
export type ReadAnswer = (frame: Buffer) => unknown

/** What Kong takes when nothing is asked for. An absent number would be 0, which it refuses. */
const DEFAULT_MAX_VALUES = 100
const NOTHING = new Uint8Array()

const none: WriteArguments = () => NOTHING
const members =
  (name: MessageName, ...keys: readonly string[]): WriteArguments =>
  (args) =>
    writeMessage(name, Object.fromEntries(keys.map((key, index) => [key, args[index]])))
const text = members('Text', 'v')
const bool = members('Bool', 'v')
const int = members('Int', 'v')
const bytes = members('Bytes', 'v')
const keyValue = members('KeyValue', 'k', 'v')
const spec = members('ConsumerSpec', 'id', 'by_username')
const caller = members('AuthenticateArgs', 'consumer', 'credential')
const target = members('Target', 'host', 'port')
const count: WriteArguments = ([max = DEFAULT_MAX_VALUES]) => writeMessage('Int', { v: max })
const list: WriteArguments = (args) => {
  const writer = new ByteWriter()
  writeList(writer, args)
  return writer.finish()
}
const struct: WriteArguments = ([table]) => {
  if (typeof table !== 'object' || table === null) throw new TypeError('the argument is no table')
  const writer = new ByteWriter()
  writeStruct(writer, table)
  return writer.finish()
}

/** A table as body is JSON, which Kong makes of it itself on MessagePack. */
const exit: WriteArguments = ([status, body, headers]) => {
  if (typeof body !== 'object' || body === null || body instanceof Uint8Array) {
    return writeMessage('ExitArgs', { status, body, headers })
  }
  const given = (headers ?? {}) as Message
  const typed = Object.keys(given).some((name) => name.toLowerCase() === 'content-type')
  return writeMessage('ExitArgs', {
    status,
    body: JSON.stringify(body),
    headers: typed ? given : { 'Content-Type': 'application/json', ...given },
  })
}

/** Kong's `Empty`: there is nothing to wait for. */
const nothing = undefined

/** A message's only member, and what an empty frame stands for: Kong writes no zeroes. */
const only =
  (name: MessageName, zero: unknown): ReadAnswer =>
  (frame) =>
    frame.length === 0 ? zero : readMessage(name, frame)['v']
const string = only('Text', '')
const maybe = only('Text', undefined)
const number = only('Int', 0)
const double = only('Double', 0)
const flag = only('Bool', false)
const content: ReadAnswer = (frame) =>
  Buffer.from((readMessage('Bytes', frame)['v'] ?? '') as Uint8Array)
const entity =
  (name: MessageName): ReadAnswer =>
  (frame) =>
    frame.length === 0 ? undefined : readMessage(name, frame)
const value: ReadAnswer = (frame) => readValue(frame)
/** Every value a list, as on MessagePack. */
const lists: ReadAnswer = (frame) =>
  mapValues(readStruct(frame), (each) => (Array.isArray(each) ? each : [each]))
/** The content, or where it is; see `spooled-body.ts`. */
const rawBody: ReadAnswer = (frame) => readMessage('RawBodyResult', frame)
const captures: ReadAnswer = (frame) => {
  const { unnamed = [], named = [] } = readMessage('UriCaptures', frame)
  const pairs = (named as Message[]).map(({ key = '', value: text = '' }) => [key, text])
  return { unnamed, named: Object.fromEntries(pairs) }
}

/**
 * Every PDK method that Kong has on this wire: its arguments' message, and its answer's. Kong fails a
 * request that calls any other.
 */
// biome-ignore format: reads as a table
export const PDK_MESSAGES: ReadonlyMap<string, readonly [WriteArguments, ReadAnswer | undefined]> = new Map([
  ['kong.client.get_ip', [none, string]],
  ['kong.client.get_forwarded_ip', [none, string]],
  ['kong.client.get_port', [none, number]],
  ['kong.client.get_forwarded_port', [none, number]],
  ['kong.client.get_credential', [none, entity('Credential')]],
  ['kong.client.load_consumer', [spec, entity('Consumer')]],
  ['kong.client.get_consumer', [none, entity('Consumer')]],
  ['kong.client.authenticate', [caller, nothing]],
  ['kong.client.get_protocol', [bool, maybe]],
  ['kong.ctx.shared.set', [keyValue, nothing]],
  ['kong.ctx.shared.get', [text, value]],
  ['kong.ip.is_trusted', [text, flag]],
  ['kong.log.alert', [list, nothing]],
  ['kong.log.crit', [list, nothing]],
  ['kong.log.err', [list, nothing]],
  ['kong.log.warn', [list, nothing]],
  ['kong.log.notice', [list, nothing]],
  ['kong.log.info', [list, nothing]],
  ['kong.log.debug', [list, nothing]],
  ['kong.log.set_serialize_value', [keyValue, nothing]],
  ['kong.log.serialize', [none, string]],
  ['kong.nginx.get_var', [text, maybe]],
  ['kong.nginx.get_tls1_version_str', [none, maybe]],
  ['kong.nginx.set_ctx', [keyValue, maybe]],
  ['kong.nginx.get_ctx', [text, value]],
  ['kong.nginx.req_start_time', [none, double]],
  ['kong.nginx.get_subsystem', [none, string]],
  ['kong.node.get_id', [none, string]],
  ['kong.node.get_memory_stats', [none, entity('MemoryStats')]],
  ['kong.request.get_scheme', [none, string]],
  ['kong.request.get_host', [none, string]],
  ['kong.request.get_port', [none, number]],
  ['kong.request.get_forwarded_scheme', [none, string]],
  ['kong.request.get_forwarded_host', [none, string]],
  ['kong.request.get_forwarded_port', [none, number]],
  ['kong.request.get_http_version', [none, double]],
  ['kong.request.get_method', [none, string]],
  ['kong.request.get_path', [none, string]],
  ['kong.request.get_path_with_query', [none, string]],
  ['kong.request.get_raw_query', [none, string]],
  ['kong.request.get_query_arg', [text, maybe]],
  ['kong.request.get_query', [count, lists]],
  ['kong.request.get_header', [text, maybe]],
  ['kong.request.get_headers', [count, lists]],
  ['kong.request.get_raw_body', [none, rawBody]],
  ['kong.request.get_uri_captures', [none, captures]],
  ['kong.response.get_status', [none, number]],
  ['kong.response.get_header', [text, maybe]],
  ['kong.response.get_headers', [count, lists]],
  ['kong.response.get_source', [none, string]],
  ['kong.response.set_status', [int, nothing]],
  ['kong.response.set_header', [keyValue, nothing]],
  ['kong.response.add_header', [keyValue, nothing]],
  ['kong.response.clear_header', [text, nothing]],
  ['kong.response.set_headers', [struct, nothing]],
  ['kong.response.exit', [exit, nothing]],
  ['kong.router.get_route', [none, entity('Route')]],
  ['kong.router.get_service', [none, entity('Service')]],
  ['kong.service.set_upstream', [text, nothing]],
  ['kong.service.set_target', [target, nothing]],
  ['kong.service.request.set_scheme', [text, nothing]],
  ['kong.service.request.set_path', [text, nothing]],
  ['kong.service.request.set_raw_query', [text, nothing]],
  ['kong.service.request.set_method', [text, nothing]],
  ['kong.service.request.set_query', [struct, nothing]],
  ['kong.service.request.set_header', [keyValue, nothing]],
  ['kong.service.request.add_header', [keyValue, nothing]],
  ['kong.service.request.clear_header', [text, nothing]],
  ['kong.service.request.set_headers', [struct, nothing]],
  ['kong.service.request.set_raw_body', [bytes, nothing]],
  ['kong.service.response.get_status', [none, number]],
  ['kong.service.response.get_header', [text, maybe]],
  ['kong.service.response.get_headers', [count, lists]],
  ['kong.service.response.get_raw_body', [none, content]],
])

function mapValues(
  table: Readonly<Record<string, unknown>>,
  map: (value: unknown) => unknown,
): Record<string, unknown> {
  // In place, so that a header named `__proto__` stays a member.
  const mapped = table as Record<string, unknown>
  for (const key of Object.keys(mapped)) if (key !== '__proto__') mapped[key] = map(mapped[key])
  return mapped
}
