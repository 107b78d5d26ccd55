import { type ChildProcess, spawn } from 'node:child_process'
import type { Log } from '../lib/index.ts'
import { Gathering } from '../lib/metrics/gathering.ts'
import { type Address, addressOfWorker, addressText } from '../lib/ports/address.ts'
import type { Flags } from './flags.ts'
import { serveMetrics } from './metering.ts'
import { assertSharedReplay } from './open-policies.ts'
import { WORKER_VARIABLE, WorkerSource } from './worker-line.ts'

const RESPAWN_MS = 1000

/**
 * Starts one process for each address and another when one ends, until a signal. They share nothing but Redis:
 * a Node.js cluster on one address would leave all connections to one process, as Envoy opens few.
 */
export async function superviseWorkers(flags: Flags, log: Log): Promise<void> {
  assertSharedReplay(flags.policies)
  const children = new Set<ChildProcess>()
  const gathering = new Gathering()
  const metrics = flags.metrics && (await serveMetrics(flags.metrics, gathering, log))
  let stopping = false

  function start(worker: number): void {
    const child = spawn(process.execPath, [...process.execArgv, ...argumentsOf(flags, worker)], {
      env: { ...process.env, [WORKER_VARIABLE]: String(worker) },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    const source = new WorkerSource(child)
    children.add(child)
    gathering.join(source)
    child.once('exit', (code, signal) => {
      children.delete(child)
      gathering.leave(source)
      if (stopping) return
      log.error('a worker has ended and is started anew', {
        worker,
        code: code ?? undefined,
        signal: signal ?? undefined,
      })
      setTimeout(() => !stopping && start(worker), RESPAWN_MS)
    })
  }

  for (let worker = 0; worker < flags.workers; worker++) start(worker)
  process.on('SIGHUP', () => pass('SIGHUP'))
  await new Promise<void>((resolve) => {
    const stop = (signal: NodeJS.Signals) => {
      stopping = true
      metrics?.drain()
      pass(signal)
      if (children.size === 0) resolve()
      for (const child of children) child.once('exit', () => children.size === 0 && resolve())
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
  })
  process.exit(0)

  function pass(signal: NodeJS.Signals): void {
    for (const child of children) child.kill(signal)
  }
}

/** The command line of one worker: ours, with an address of its own. */
function argumentsOf(flags: Flags, worker: number): readonly string[] {
  const own = (flag: string, address: Address | undefined) =>
    address === undefined ? [] : [flag, addressText(addressOfWorker(address, worker))]
  const { tls } = flags
  return [
    process.argv[1] ?? '',
    ...[...flags.policies].flatMap(([name, file]) => ['--config', `${name}=${file}`]),
    ...own('--listen', flags.listen),
    ...own('--listen-http', flags.listenHttp),
    ...(tls === undefined ? [] : ['--tls-cert', tls.certFile, '--tls-key', tls.keyFile]),
    ...(tls?.clientCaFile === undefined ? [] : ['--tls-client-ca', tls.clientCaFile]),
    ...['--trusted-hops', String(flags.trustedHops)],
    ...['--max-pending', String(flags.maxPending)],
    ...['--drain-ms', String(flags.drainMs)],
    ...(flags.metrics === undefined ? [] : ['--metrics', addressText(flags.metrics)]),
    ...(flags.status === undefined ? [] : ['--status', statusOfWorker(flags.status, worker)]),
  ]
}

/** Named as the socket of the worker is. */
function statusOfWorker(path: string, worker: number): string {
  const address = addressOfWorker({ kind: 'unix', path }, worker)
  return address.kind === 'unix' ? address.path : path
}
