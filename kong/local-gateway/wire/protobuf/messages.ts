/**
 * The messages of Kong's plugin socket, as far as they are spoken here: member, field number, type.
 * Numbers and types are those of `kong/include/kong/pluginsocket.proto`, the same from Kong 3.4.0 to
 * 3.9.3. Well-known types of Google's have no entry: they are plain values here.
 */
export type Type =
  | 'int'
  | 'double'
  | 'bool'
  | 'text'
  | 'bytes'
  | 'Struct'
  | 'Value'
  | 'ListValue'
  | MessageName

export interface Member {
  readonly number: number
  readonly type: Type
  /** Whether it comes any number of times. */
  readonly repeated?: true
  /** Whether it is one of several, of which Kong writes even an empty one. */
  readonly oneOf?: true
}

export type Description = Readonly<Record<string, Member>>

// biome-ignore format: reads as a table
export type MessageName =
  | 'RpcCall' | 'RpcReturn' | 'StartInstance' | 'CloseInstance' | 'HandleEvent' | 'InstanceStatus'
  | 'Int' | 'Double' | 'Bool' | 'Text' | 'KeyValue' | 'ExitArgs' | 'RawBodyResult' | 'ServiceKey' | 'Route'
  | 'Service' | 'ConsumerSpec' | 'Consumer' | 'Credential' | 'AuthenticateArgs'

const one = (number: number, type: Type): Member => ({ number, type })
const many = (number: number, type: Type): Member => ({ number, type, repeated: true })
const oneOf = (number: number, type: Type): Member => ({ number, type, oneOf: true })

// biome-ignore format: reads as a table
export const MESSAGES: Readonly<Record<MessageName, Description>> = {
  RpcCall: {
    sequence: one(1, 'int'), cmd_start_instance: oneOf(33, 'StartInstance'),
    cmd_close_instance: oneOf(35, 'CloseInstance'), cmd_handle_event: oneOf(36, 'HandleEvent'),
  },
  RpcReturn: { sequence: one(1, 'int'), instance_status: oneOf(33, 'InstanceStatus') },
  StartInstance: { name: one(1, 'text'), config: one(2, 'bytes') },
  CloseInstance: { instance_id: one(1, 'int') },
  HandleEvent: { instance_id: one(1, 'int'), event_name: one(2, 'text') },
  InstanceStatus: {
    name: one(1, 'text'), instance_id: one(2, 'int'), config: one(3, 'Value'), started_at: one(4, 'int'),
  },
  Int: { v: one(1, 'int') },
  Double: { v: one(1, 'double') },
  Bool: { v: one(1, 'bool') },
  Text: { v: one(1, 'text') },
  KeyValue: { k: one(1, 'text'), v: one(2, 'Value') },
  ExitArgs: { status: one(1, 'int'), body: one(2, 'bytes'), headers: one(3, 'Struct') },
  RawBodyResult: { content: oneOf(1, 'bytes'), body_filepath: oneOf(2, 'text'), error: oneOf(3, 'text') },
  ServiceKey: { id: one(1, 'text') },
  Route: {
    id: one(1, 'text'), created_at: one(2, 'int'), updated_at: one(3, 'int'), name: one(4, 'text'),
    protocols: many(5, 'text'), methods: many(6, 'text'), hosts: many(7, 'text'), paths: many(8, 'text'),
    https_redirect_status_code: one(10, 'int'), regex_priority: one(11, 'int'), strip_path: one(12, 'bool'),
    preserve_host: one(13, 'bool'), snis: many(14, 'text'), tags: many(17, 'text'), service: one(18, 'ServiceKey'),
  },
  Service: {
    id: one(1, 'text'), created_at: one(2, 'int'), updated_at: one(3, 'int'), name: one(4, 'text'),
    retries: one(5, 'int'), protocol: one(6, 'text'), host: one(7, 'text'), port: one(8, 'int'), path: one(9, 'text'),
    connect_timeout: one(10, 'int'), write_timeout: one(11, 'int'), read_timeout: one(12, 'int'), tags: many(13, 'text'),
  },
  ConsumerSpec: { id: one(1, 'text'), by_username: one(2, 'bool') },
  Consumer: {
    id: one(1, 'text'), created_at: one(2, 'int'), username: one(3, 'text'), custom_id: one(4, 'text'), tags: many(5, 'text'),
  },
  Credential: { id: one(1, 'text'), consumer_id: one(2, 'text') },
  AuthenticateArgs: { consumer: one(1, 'Consumer'), credential: one(2, 'Credential') },
}
