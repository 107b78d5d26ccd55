import { InputError } from '../../terminal/input-error.ts'

/** What the linter is told of the Kong that a file is for. */
export interface Estate {
  /** Whether Kong itself refuses when the plugin server fails: then the guard is a second line. */
  readonly closedByKong: boolean
  /** Plugins that the operator answers for. */
  readonly harmless: ReadonlySet<string>
}

interface EstateFlags {
  readonly kong?: string
  readonly wire?: string
  readonly harmless?: readonly string[]
}

/** The first version whose ProtoBuf side ends every fault in a 500: 3.8. */
const CLOSED_SINCE_MINOR = 8

/** What the flags say. Without version and wire it is the older way, which needs the guard. */
export function readEstate({ kong, wire, harmless = [] }: EstateFlags): Estate {
  if (wire !== undefined && wire !== 'protobuf' && wire !== 'msgpack') {
    throw new InputError(`--wire: must be protobuf or msgpack, not "${wire}"`)
  }
  const [, major, minor] = kong === undefined ? [] : (/^v?(\d+)\.(\d+)(?:\.|$)/.exec(kong) ?? [])
  if (kong !== undefined && major === undefined) {
    throw new InputError(`--kong: must be a version such as 3.9, not "${kong}"`)
  }
  if (wire === 'protobuf' && kong === undefined) {
    throw new InputError('--wire: needs --kong, since Kong closes by itself from 3.8 on')
  }
  const isRecent = Number(major) === 3 && Number(minor) >= CLOSED_SINCE_MINOR
  return { closedByKong: wire === 'protobuf' && isRecent, harmless: new Set(harmless) }
}
