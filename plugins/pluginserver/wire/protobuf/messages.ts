/**
 * The messages of Kong's plugin socket: member, field number, type. Numbers and types are those of
 * `kong/include/kong/pluginsocket.proto`, the same from Kong 3.4.0 to 3.9.3. Google's `Struct`, `Value` and
 * `ListValue` are plain values here.
 */
export type FieldType =
  | 'int'
  | 'double'
  | 'bool'
  | 'text'
  | 'bytes'
  | 'Struct'
  | 'Value'
  | 'ListValue'
  | MessageName

export interface Field {
  readonly number: number
  readonly type: FieldType
  /** Whether it comes any number of times. */
  readonly repeated?: true
  /** Whether it is one of several, of which even an empty one is written. */
  readonly oneOf?: true
}

// biome-ignore format: reads as a table
export type MessageName =
  | 'RpcCall' | 'RpcReturn' | 'None' | 'Name' | 'Instance' | 'StartInstance' | 'HandleEvent' | 'PluginNames'
  | 'PluginInfo' | 'InstanceStatus' | 'Int' | 'Double' | 'Bool' | 'Text' | 'Bytes' | 'KeyValue' | 'ExitArgs'
  | 'RawBodyResult' | 'UriCaptures' | 'NamedCapture' | 'Key' | 'Route' | 'Service' | 'Target' | 'ConsumerSpec'
  | 'Consumer' | 'Credential' | 'AuthenticateArgs' | 'MemoryStats' | 'SharedDicts' | 'DictStats' | 'WorkerVm'

const one = (number: number, type: FieldType): Field => ({ number, type })
const many = (number: number, type: FieldType): Field => ({ number, type, repeated: true })
const oneOf = (number: number, type: FieldType): Field => ({ number, type, oneOf: true })

// biome-ignore format: reads as a table
export const MESSAGES: Readonly<Record<MessageName, Readonly<Record<string, Field>>>> = {
  RpcCall: {
    sequence: one(1, 'int'), getPluginNames: oneOf(31, 'None'), getPluginInfo: oneOf(32, 'Name'),
    startInstance: oneOf(33, 'StartInstance'), getInstanceStatus: oneOf(34, 'Instance'),
    closeInstance: oneOf(35, 'Instance'), handleEvent: oneOf(36, 'HandleEvent'),
  },
  RpcReturn: {
    sequence: one(1, 'int'), pluginNames: oneOf(31, 'PluginNames'), pluginInfo: oneOf(32, 'PluginInfo'),
    instanceStatus: oneOf(33, 'InstanceStatus'),
  },
  None: {},
  Name: { name: one(1, 'text') },
  Instance: { instanceId: one(1, 'int') },
  StartInstance: { name: one(1, 'text'), config: one(2, 'text') },
  HandleEvent: { instanceId: one(1, 'int'), eventName: one(2, 'text') },
  PluginNames: { names: many(1, 'text') },
  PluginInfo: {
    name: one(1, 'text'), updatedAt: one(2, 'int'), loadedAt: one(3, 'int'), phases: many(4, 'text'),
    version: one(5, 'text'), priority: one(6, 'int'), schema: one(7, 'text'),
  },
  // Field 3 is the configuration. It holds passwords and keys, and Kong does not read it.
  InstanceStatus: { name: one(1, 'text'), instanceId: one(2, 'int'), startedAt: one(4, 'int') },
  Int: { v: one(1, 'int') },
  Double: { v: one(1, 'double') },
  Bool: { v: one(1, 'bool') },
  Text: { v: one(1, 'text') },
  Bytes: { v: one(1, 'bytes') },
  KeyValue: { k: one(1, 'text'), v: one(2, 'Value') },
  ExitArgs: { status: one(1, 'int'), body: one(2, 'bytes'), headers: one(3, 'Struct') },
  RawBodyResult: { content: oneOf(1, 'bytes'), bodyFilepath: oneOf(2, 'text'), error: oneOf(3, 'text') },
  UriCaptures: { unnamed: many(1, 'text'), named: many(2, 'NamedCapture') },
  NamedCapture: { key: one(1, 'text'), value: one(2, 'text') },
  Key: { id: one(1, 'text') },
  Route: {
    id: one(1, 'text'), created_at: one(2, 'int'), updated_at: one(3, 'int'), name: one(4, 'text'),
    protocols: many(5, 'text'), methods: many(6, 'text'), hosts: many(7, 'text'), paths: many(8, 'text'),
    headers: many(9, 'text'), https_redirect_status_code: one(10, 'int'), regex_priority: one(11, 'int'),
    strip_path: one(12, 'bool'), preserve_host: one(13, 'bool'), snis: many(14, 'text'), sources: many(15, 'text'),
    destinations: many(16, 'text'), tags: many(17, 'text'), service: one(18, 'Key'),
  },
  Service: {
    id: one(1, 'text'), created_at: one(2, 'int'), updated_at: one(3, 'int'), name: one(4, 'text'), retries: one(5, 'int'),
    protocol: one(6, 'text'), host: one(7, 'text'), port: one(8, 'int'), path: one(9, 'text'),
    connect_timeout: one(10, 'int'), write_timeout: one(11, 'int'), read_timeout: one(12, 'int'), tags: many(13, 'text'),
    client_certificate: one(14, 'Key'),
  },
  Target: { host: one(1, 'text'), port: one(2, 'int') },
  ConsumerSpec: { id: one(1, 'text'), by_username: one(2, 'bool') },
  Consumer: {
    id: one(1, 'text'), created_at: one(2, 'int'), username: one(3, 'text'), custom_id: one(4, 'text'), tags: many(5, 'text'),
  },
  Credential: { id: one(1, 'text'), consumer_id: one(2, 'text') },
  AuthenticateArgs: { consumer: one(1, 'Consumer'), credential: one(2, 'Credential') },
  MemoryStats: { lua_shared_dicts: one(1, 'SharedDicts'), workers_lua_vms: many(2, 'WorkerVm') },
  SharedDicts: { kong: one(1, 'DictStats'), kong_db_cache: one(2, 'DictStats') },
  DictStats: { allocated_slabs: one(1, 'int'), capacity: one(2, 'int') },
  WorkerVm: { http_allocated_gc: one(1, 'int'), pid: one(2, 'int') },
}
