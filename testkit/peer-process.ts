import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** An SDK in another language, as a process that verifies, mints and calls. */
export class PeerProcess {
  readonly url: string
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.url = url
  }

  /** Starts a peer and waits for its address. `settings` are what its source says. */
  static async start(
    folder: string,
    command: readonly string[],
    settings: object,
  ): Promise<PeerProcess> {
    const [file = '', ...args] = command
    const child = spawn(file, args, {
      cwd: folder,
      env: { ...process.env, PEER: JSON.stringify(settings) },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let errors = ''
    child.stderr.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-10_000)
    })
    const ended = once(child, 'exit').then(() => {
      throw new Error(`${command.join(' ')} has ended: ${errors}`)
    })
    const [line] = await Promise.race([once(child.stdout, 'data'), ended])
    ended.catch(() => {})
    return new PeerProcess(child, String(line).trim())
  }

  /** The value of `Authorization` of a new token. */
  async mint(): Promise<string> {
    return (await fetch(`${this.url}/peer/mint`)).text()
  }

  /** The status of a call that the SDK makes, 0 when it got no answer. A POST has a body. */
  async call(method: string, url: string): Promise<number> {
    const query = new URLSearchParams({ method, url })
    return Number(await (await fetch(`${this.url}/peer/call?${query}`)).text())
  }

  /** It ends when its input does. */
  async stop(): Promise<void> {
    const exit = once(this.#child, 'exit')
    this.#child.stdin?.end()
    await exit
  }
}

export function startGoPeer(settings: object): Promise<PeerProcess> {
  return PeerProcess.start('sdk/go', ['go', 'run', './internal/peer'], settings)
}

export function startPythonPeer(settings: object): Promise<PeerProcess> {
  return PeerProcess.start('sdk/python', ['sh', 'python.sh', 'tests/peer.py'], settings)
}
