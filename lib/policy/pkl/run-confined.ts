import { spawn } from 'node:child_process'

export interface Confinement {
  /** Wall-clock time after which the whole process group is killed. */
  readonly timeoutMs: number
  /** Bytes that may be written to standard output and standard error, each. */
  readonly maxOutputBytes: number
  readonly maxMemoryBytes: number
}

export type Ending =
  | {
      readonly kind: 'exited'
      readonly code: number
      readonly stdout: string
      readonly stderr: string
    }
  | { readonly kind: 'timed_out' }
  | { readonly kind: 'printed_too_much' }
  | { readonly kind: 'killed'; readonly signal: string }

/** No core file, no file written, processor time and memory bounded; then the program itself. */
const LIMIT_AND_RUN =
  'ulimit -c 0 && ulimit -f 0 && ulimit -t "$1" && ulimit -d "$2" && shift 2 && exec "$@"'

/**
 * Runs a program without environment and standard input, in `/` and a process group of its own, and
 * bounds what it may use. Rejects only when it cannot be started.
 */
export function runConfined(
  program: string,
  args: readonly string[],
  { timeoutMs, maxOutputBytes, maxMemoryBytes }: Confinement,
): Promise<Ending> {
  const seconds = String(Math.ceil(timeoutMs / 1000) + 1)
  const kibibytes = String(Math.floor(maxMemoryBytes / 1024))
  const limits = ['-c', LIMIT_AND_RUN, 'sh', seconds, kibibytes]
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', [...limits, program, ...args], {
      cwd: '/',
      env: {},
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let early: Ending | undefined
    const end = (ending: Ending) => {
      early ??= ending
      killGroup(child.pid)
    }
    const watchdog = setTimeout(() => end({ kind: 'timed_out' }), timeoutMs)
    const flood = () => end({ kind: 'printed_too_much' })
    const stdout = collect(child.stdout, maxOutputBytes, flood)
    const stderr = collect(child.stderr, maxOutputBytes, flood)

    child.once('error', (cause) => {
      clearTimeout(watchdog)
      reject(cause)
    })
    child.once('close', (code, signal) => {
      clearTimeout(watchdog)
      const killed: Ending = { kind: 'killed', signal: String(signal) }
      const exited = (status: number): Ending => ({
        kind: 'exited',
        code: status,
        stdout: stdout(),
        stderr: stderr(),
      })
      resolve(early ?? (code === null ? killed : exited(code)))
    })
  })
}

/** Gathers at most `maxBytes`; calls `tooMuch` once there is more, and keeps none of that. */
function collect(
  stream: NodeJS.ReadableStream,
  maxBytes: number,
  tooMuch: () => void,
): () => string {
  const chunks: Buffer[] = []
  let bytes = 0
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > maxBytes) tooMuch()
    else chunks.push(chunk)
  })
  return () => Buffer.concat(chunks).toString('utf8')
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Gone already.
  }
}
