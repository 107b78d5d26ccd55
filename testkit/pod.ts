import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { leash } from '../kong/local-gateway/leash.ts'

const run = promisify(execFile)
const PATH = '/opt/node:/opt/oathmesh/bin:/usr/bin:/bin'
const AS_KONG = ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups', '--no-new-privs']

/** A container under the constraints of Kong's chart, from its command to its end. */
export interface Pod {
  /** On this machine, what is at /kong_prefix in there. */
  readonly prefix: string
  readonly pid: number | undefined
  /** Runs a command in it, as an exec probe does; its exit code. */
  exec(command: readonly string[]): Promise<number>
  /** Asks in its network, as an HTTP probe does; the status. */
  get(url: string): Promise<number>
  /** SIGTERM, and the exit code. */
  end(): Promise<number | null>
  readonly log: string[]
}

/**
 * Starts a container whose /opt/oathmesh is the folder `opt`. Throws where this machine does not let one build
 * such: it takes root, `unshare` and `setpriv`.
 */
export async function startPod(command: readonly string[], opt: string): Promise<Pod> {
  if (process.getuid?.() !== 0) throw new Error('the constraints of a pod take root: run as root')
  const folder = mkdtempSync(join(tmpdir(), 'oathmesh-pod-'))
  const [root, prefix] = [join(folder, 'root'), join(folder, 'prefix')]
  for (const each of [root, prefix]) mkdirSync(each)
  chownSync(prefix, 1000, 1000)
  chmodSync(folder, 0o755)
  const script = ['sh', 'testkit/pod.sh', root, prefix, opt, dirname(process.execPath), ...command]
  const child = spawn('unshare', ['--mount', '--net', '--propagation', 'private', ...script], {
    env: { PATH: `${PATH}:/usr/sbin:/sbin` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  leash(child)
  const log: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => log.push(text))
  }
  const inside = ['--target', String(child.pid), '--net']
  return {
    prefix,
    pid: child.pid,
    log,
    exec: (words) =>
      exitOf('nsenter', [...inside, '--mount', '--root', '--wd', ...AS_KONG, ...words]),
    async get(url) {
      const { stdout } = await run('nsenter', [...inside, 'curl', '-s', '-w', '%{http_code}', url])
      return Number(stdout.slice(-3))
    },
    async end() {
      const code = await ended(child)
      rmSync(folder, { recursive: true, force: true })
      return code
    },
  }
}

function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode)
  return new Promise((resolve) => {
    child.once('exit', resolve)
    child.kill('SIGTERM')
  })
}

function exitOf(file: string, args: readonly string[]): Promise<number> {
  return run(file, args, { env: { PATH: `${PATH}:/usr/sbin:/sbin` } }).then(
    () => 0,
    ({ code }: { readonly code?: number }) => code ?? -1,
  )
}
