import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { until } from './redis-server.ts'

/** `test/envoy/install-envoy.sh` puts it there; `ENVOY` names another one. */
export const ENVOY = process.env['ENVOY'] ?? resolve('.venv-envoy/envoy')
const STARTUP_MS = 20_000

/** A real Envoy on loopback. */
export interface Envoy {
  /** The address of the listener of this name. */
  url(listener?: string): string
  /** The value of a counter or gauge by its full name. */
  stat(name: string): Promise<number>
  readonly folder: string
  readonly pid: number
  /** What it has written so far, its access log included. */
  output(): string
  stop(): Promise<void>
}

/**
 * Starts Envoy with a configuration and waits until it is ready. Listeners are on port 0 of the loopback interface. It goes
 * when this process does. Leaves nothing running when it rejects.
 */
export async function startEnvoy(
  yaml: string,
  options: { readonly concurrency?: number } = {},
): Promise<Envoy> {
  if (!existsSync(ENVOY)) {
    throw new Error(`no Envoy at ${ENVOY}: run test/envoy/install-envoy.sh`)
  }
  const folder = mkdtempSync(join(tmpdir(), 'om-envoy-'))
  const adminFile = join(folder, 'admin')
  const config = join(folder, 'envoy.yaml')
  writeFileSync(config, `${ADMIN}\n${yaml}`)
  let written = ''
  // biome-ignore format: one option a line
  const child = spawn(ENVOY, [
    '-c', config, '--admin-address-path', adminFile, '--disable-hot-restart',
    '--concurrency', String(options.concurrency ?? 1), '--log-level', 'warning',
    '--drain-time-s', '1', '--parent-shutdown-time-s', '1',
  ], { stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      written = (written + chunk.toString()).slice(-1_000_000)
    })
  }
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)

  async function stop(): Promise<void> {
    process.off('exit', kill)
    if (isRunning(child)) {
      kill()
      await once(child, 'exit')
    }
    rmSync(folder, { recursive: true, force: true })
  }

  try {
    await until(async () => {
      if (!isRunning(child)) throw new Error('it has ended')
      const admin = readFileSync(adminFile, 'utf8')
      return (await fetch(`http://${admin}/ready`)).ok
    }, STARTUP_MS)
    const admin = readFileSync(adminFile, 'utf8')
    const addresses = await listenersOf(admin)
    return {
      url(listener = 'main') {
        const address = addresses.get(listener)
        if (address === undefined) throw new RangeError(`no listener ${listener}`)
        return `http://${address}`
      },
      async stat(name) {
        const text = await (await fetch(`http://${admin}/stats?filter=^${name}$`)).text()
        return Number(text.split(':')[1] ?? 0)
      },
      folder,
      pid: child.pid ?? 0,
      output: () => written,
      stop,
    }
  } catch (cause) {
    await stop()
    throw new Error(`Envoy did not start: ${written.slice(-4000)}`, { cause })
  }
}

const ADMIN = 'admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }'

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null
}

async function listenersOf(admin: string): Promise<ReadonlyMap<string, string>> {
  const answer = await fetch(`http://${admin}/listeners?format=json`)
  const { listener_statuses: listeners } = (await answer.json()) as ListenerStatuses
  return new Map(
    listeners.map(({ name, local_address: { socket_address: at } }) => [
      name,
      `${at.address}:${at.port_value}`,
    ]),
  )
}

interface ListenerStatuses {
  readonly listener_statuses: readonly {
    readonly name: string
    readonly local_address: {
      readonly socket_address: { readonly address: string; readonly port_value: number }
    }
  }[]
}
