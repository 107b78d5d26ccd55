import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ServerProcess, temporaryFolder } from '../../test/plugins/pluginserver/server-process.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'
import type { WireName } from '../../testkit/wires.ts'
import type { KongSide } from './kong-side.ts'
import { MsgpackSide } from './msgpack-side.ts'
import { ProtobufSide } from './protobuf-side.ts'

const SIDES: Readonly<Record<WireName, (path: string) => Promise<KongSide>>> = {
  protobuf: (path) => ProtobufSide.connect(path),
  msgpack: (path) => MsgpackSide.connect(path),
}
/** Tokens of the second in which a memory store began may have been used before. */
const SETTLE_MS = 1100

export interface Serving {
  /** A build: the folder that holds `bin` and `kong`. */
  readonly dist: string
  /** `without-sodium`: the build is copied to where no package can be found. */
  readonly engine: 'sodium-native' | 'without-sodium'
  readonly wire: WireName
  readonly connections: number
  /** Changes to the configuration of the vectors. */
  readonly config: object
  /** Of the plugin server, besides its wire. */
  readonly flags?: readonly string[]
  /** Where to write a processor profile when the server stops. */
  readonly profile?: string | undefined
}

/** A plugin server in a process of its own, with this process in the place of Kong. */
export interface Served {
  readonly pid: number
  readonly sides: readonly KongSide[]
  /** A new instance: the server forgets one that is idle for a minute, and Kong starts it again. */
  begin(): Promise<number>
  /** Resolves with the first match in what the server has written. */
  logged(pattern: RegExp): Promise<RegExpExecArray>
  stop(): Promise<void>
}

export async function serve(serving: Serving): Promise<Served> {
  const { connections, config, wire, flags = [] } = serving
  const folder = temporaryFolder()
  const { script, plugins } = placeOf(serving, folder.path)
  const server = new ServerProcess(script, folder.path, plugins, ['--wire', wire, ...flags])
  const stop = async () => {
    for (const side of sides) side.close()
    await server.stop('SIGTERM')
    folder.remove()
  }
  const sides: KongSide[] = []
  try {
    await server.logged(/server started at/)
    for (let at = 0; at < connections; at++) sides.push(await SIDES[wire](server.socketPath))
    const [first] = sides
    const { pid } = server.child
    if (first === undefined || pid === undefined) throw new Error('no connection')
    const begin = () => first.start({ ...BASE_CONFIG, ...config })
    await begin()
    await new Promise((settled) => setTimeout(settled, SETTLE_MS))
    const logged = (pattern: RegExp) => server.logged(pattern)
    return { pid, sides, begin, logged, stop }
  } catch (cause) {
    await stop()
    throw cause
  }
}

function placeOf(
  { dist, engine, profile }: Serving,
  folder: string,
): { readonly script: string; readonly plugins: string } {
  let script = resolve(dist, 'bin/oathmesh-pluginserver.cjs')
  let plugins = resolve(dist, 'kong')
  if (engine === 'without-sodium') {
    mkdirSync(join(folder, 'kong'))
    copyFileSync(join(plugins, 'oathmesh.cjs'), join(folder, 'kong/oathmesh.cjs'))
    copyFileSync(script, join(folder, 'server.cjs'))
    script = join(folder, 'server.cjs')
    plugins = join(folder, 'kong')
  }
  if (profile === undefined) return { script, plugins }
  const wrapper = join(folder, 'profiled.sh')
  const command = `exec node --cpu-prof --cpu-prof-dir '${resolve(profile)}' '${script}' "$@"\n`
  writeFileSync(wrapper, `#!/bin/sh\n${command}`, { mode: 0o755 })
  return { script: wrapper, plugins }
}
