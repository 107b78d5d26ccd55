import type { Exchange } from '../../exchange.ts'
import { LuaError } from '../../lua-error.ts'
import type { PdkEnvironment } from '../../pdk.ts'
import type { MessageName } from './messages.ts'
import { readMessage } from './read-message.ts'
import { readList, readStruct } from './read-struct.ts'
import { writeMessage } from './write-message.ts'
import { writeStruct, writeValue } from './write-struct.ts'

type Arguments = (bytes: Uint8Array) => readonly unknown[]
type Answer = (
  value: unknown,
  exchange: Exchange,
  env: PdkEnvironment,
) => Uint8Array | Promise<Uint8Array>

const NOTHING = new Uint8Array()

const none: Arguments = () => []
const member =
  (name: MessageName, ...keys: readonly string[]): Arguments =>
  (bytes) => {
    const table = readMessage(name, bytes)
    return keys.map((key) => table[key])
  }
const int = member('Int', 'v')
const text = member('Text', 'v')
const keyValue = member('KeyValue', 'k', 'v')
const struct: Arguments = (bytes) => [decoded(readStruct, bytes)]
const list: Arguments = (bytes) => decoded(readList, bytes)
const consumerSpec = member('ConsumerSpec', 'id', 'by_username')
const authenticated = member('AuthenticateArgs', 'consumer', 'credential')
const exitArgs: Arguments = (bytes) => {
  const { status, body, headers } = readMessage('ExitArgs', bytes)
  return [status, String(body), headers]
}

/** An answer of Google's `Empty` is no bytes, and so is nil in any message. */
const empty: Answer = () => NOTHING
const wrapped =
  (name: MessageName): Answer =>
  (value) =>
    writeMessage(name, { v: value })
const message =
  (name: MessageName): Answer =>
  (value) =>
    value === undefined || value === null ? NOTHING : writeMessage(name, value as object as Table)
const lists: Answer = (value) => writeStruct(asInLua(value as Readonly<Record<string, unknown[]>>))
const anyValue: Answer = (value) => writeValue(value)
const body: Answer = async (content, exchange, { bodyFolder }) =>
  content === undefined
    ? writeMessage('RawBodyResult', { body_filepath: await bodyFolder.spool(exchange) })
    : writeMessage('RawBodyResult', { content })

type Table = Readonly<Record<string, unknown>>

/** The PDK methods that Kong has on this wire and that are played here: arguments, answer. */
// biome-ignore format: reads as a table
export const PDK_MESSAGES: Readonly<Record<string, readonly [Arguments, Answer]>> = {
  'kong.client.get_ip': [none, wrapped('Text')],
  'kong.client.get_forwarded_ip': [none, wrapped('Text')],
  'kong.client.get_port': [none, wrapped('Int')],
  'kong.client.get_credential': [none, message('Credential')],
  'kong.client.load_consumer': [consumerSpec, message('Consumer')],
  'kong.client.get_consumer': [none, message('Consumer')],
  'kong.client.authenticate': [authenticated, empty],
  'kong.ctx.shared.set': [keyValue, empty],
  'kong.ctx.shared.get': [text, anyValue],
  'kong.log.alert': [list, empty],
  'kong.log.crit': [list, empty],
  'kong.log.err': [list, empty],
  'kong.log.warn': [list, empty],
  'kong.log.notice': [list, empty],
  'kong.log.info': [list, empty],
  'kong.log.debug': [list, empty],
  'kong.log.set_serialize_value': [keyValue, empty],
  'kong.log.serialize': [none, wrapped('Text')],
  'kong.nginx.get_var': [text, wrapped('Text')],
  'kong.node.get_id': [none, wrapped('Text')],
  'kong.request.get_scheme': [none, wrapped('Text')],
  'kong.request.get_host': [none, wrapped('Text')],
  'kong.request.get_method': [none, wrapped('Text')],
  'kong.request.get_path': [none, wrapped('Text')],
  'kong.request.get_path_with_query': [none, wrapped('Text')],
  'kong.request.get_raw_query': [none, wrapped('Text')],
  'kong.request.get_query': [int, lists],
  'kong.request.get_header': [text, wrapped('Text')],
  'kong.request.get_headers': [int, lists],
  'kong.request.get_raw_body': [none, body],
  'kong.response.get_status': [none, wrapped('Int')],
  'kong.response.exit': [exitArgs, empty],
  'kong.router.get_route': [none, message('Route')],
  'kong.router.get_service': [none, message('Service')],
  'kong.service.request.set_header': [keyValue, empty],
  'kong.service.request.add_header': [keyValue, empty],
  'kong.service.request.clear_header': [text, empty],
  'kong.service.request.set_headers': [struct, empty],
}

function decoded<T>(read: (bytes: Uint8Array) => T, bytes: Uint8Array): T {
  try {
    return read(bytes)
  } catch (cause) {
    throw new LuaError('an argument cannot be decoded', { cause })
  }
}

/** Headers and query as Lua has them: one value stands for itself, a name without a value is `true`. */
function asInLua(lists: Readonly<Record<string, readonly unknown[]>>): Table {
  return Object.fromEntries(
    Object.entries(lists).map(([name, values]) => [
      name,
      values.length > 1 ? values : (values[0] ?? true),
    ]),
  )
}
