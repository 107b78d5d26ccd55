import { setTimeout as sleep } from 'node:timers/promises'
import { ServerProcess, temporaryFolder } from '../../test/plugins/pluginserver/server-process.ts'
import { HARDENED_PLUGIN_SERVER, PLUGIN_FOLDER } from '../../testkit/plugin-commands.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'
import { WIRES, type WireName } from '../../testkit/wires.ts'
import type { KongSide } from './kong-side.ts'
import { MsgpackSide } from './msgpack-side.ts'
import { ProtobufSide } from './protobuf-side.ts'
import { type Subject, takeTurns, type WireFigures } from './take-turns.ts'
import type { Case } from './wire-cases.ts'

const SIDES: Readonly<Record<WireName, (path: string) => Promise<KongSide>>> = {
  protobuf: (path) => ProtobufSide.connect(path),
  msgpack: (path) => MsgpackSide.connect(path),
}
const TURNS = { rounds: 16, warmUp: 4, calls: 400 }
/** Tokens of the second in which a memory store began may have been used before. */
const SETTLE_MS = 1100

/** The plugin server alone, with this process in the place of Kong: nothing else is between them. */
export async function serverAlone({ sink, connections }: Case): Promise<readonly WireFigures[]> {
  const opened: { stop(): Promise<void> }[] = []
  try {
    const subjects: Subject[] = []
    for (const wire of WIRES) subjects.push(await open(wire))
    await sleep(SETTLE_MS)
    return await takeTurns(subjects, TURNS)
  } finally {
    for (const each of opened) await each.stop()
  }

  async function open(wire: WireName): Promise<Subject> {
    const folder = temporaryFolder()
    const flags = ['--wire', wire]
    const server = new ServerProcess(HARDENED_PLUGIN_SERVER, folder.path, PLUGIN_FOLDER, flags)
    opened.push({
      async stop() {
        await server.stop()
        folder.remove()
      },
    })
    await server.logged(/server started at/)
    const sides = await Promise.all(
      Array.from({ length: connections }, () => SIDES[wire](server.socketPath)),
    )
    const instance = await sides[0]?.start({ ...BASE_CONFIG, audit: { sink } })
    return {
      wire,
      connections,
      serverPid: server.child.pid,
      call: async (connection, authorization) =>
        sides[connection]?.access(instance ?? 0, authorization),
    }
  }
}
