import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { FieldList } from './kong-field.ts'

const run = promisify(execFile)
const MAX_OUTPUT_BYTES = 1 << 24

/** The name that a plugin server gives to its wire. */
export type Protocol = 'MsgPack:1' | 'ProtoBuf:1'

/** What Kong learns of a plugin from its query command. */
export interface PluginInfo {
  readonly protocol: Protocol
  readonly Name: string
  readonly Version: string
  readonly Priority: number
  readonly Phases: readonly string[]
  readonly Schema: {
    /** Kong asks for one, and makes no use of it. */
    readonly name: string
    /** Of the entity: its `config`, and what the plugin says of `consumer` and `protocols`. */
    readonly fields: FieldList
  }
}

/**
 * Runs the query command and reads the first plugin it names, as Kong does; others stay unseen. A bare
 * list means MessagePack, an object names its wire. What the command writes beside its JSON on standard
 * output makes it unreadable. Throws `TypeError` then, for a wire that Kong does not know, and for a schema
 * without a name.
 */
export async function queryPlugin(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<PluginInfo> {
  const [file = '', ...args] = command
  const { stdout } = await run(file, args, {
    env: { ...process.env, ...env },
    maxBuffer: MAX_OUTPUT_BYTES,
  })
  return firstPlugin(stdout)
}

function firstPlugin(output: string): PluginInfo {
  let dump: unknown
  try {
    dump = JSON.parse(output)
  } catch {
    throw new TypeError(`failed decoding plugin info: ${output.slice(0, 200)}`)
  }
  const { Protocol: protocol = 'MsgPack:1', Plugins = dump } = (dump ?? {}) as Record<
    string,
    unknown
  >
  const [info] = (Array.isArray(Plugins) ? Plugins : []) as readonly PluginInfo[]
  if (info === undefined) throw new TypeError('the query command names no plugin')
  if (protocol !== 'MsgPack:1' && protocol !== 'ProtoBuf:1') {
    throw new TypeError(`unknown protocol implementation: ${String(protocol)}`)
  }
  if (typeof info.Schema?.name !== 'string') {
    throw new TypeError(`the schema of ${info.Name}: name: field required for entity check`)
  }
  return { ...info, protocol }
}
