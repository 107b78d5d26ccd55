import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { oathmeshProgram } from '../../cli/program.ts'
import { runCli } from '../../cli/terminal/run-cli.ts'
import { KEYS } from '../../testkit/keys.ts'
import { type FakeIo, fakeIo } from './fake-io.ts'

/** The published test key, as `keygen` writes keys. */
export const KEY_PEM = KEYS.trusted.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

/** Secrets as tests write them, and the secret part of the key, which every folder has. */
const SECRET = /planted-[\w-]+|MC4CAQAwBQYDK2Vw\S+/g

/** A folder of its own for the files of commands, with `issuer.pem` in it. */
export class CommandFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'oathmesh-cli-'))
  readonly #planted = new Set<string>()

  constructor() {
    this.write('issuer.pem', KEY_PEM)
  }

  /** Writes a file that nobody else can read. What is planted in it may turn up in no output. */
  write(name: string, text: string): void {
    for (const [planted] of text.matchAll(SECRET)) this.#planted.add(planted)
    writeFileSync(join(this.path, name), text)
    chmodSync(join(this.path, name), 0o600)
  }

  /** Runs a command with this folder as the current one. */
  async run(
    args: readonly string[],
    stdin: string | Buffer = '',
    color = false,
  ): Promise<FakeIo['written']> {
    const io = {
      ...fakeIo('', color),
      stdin: (async function* () {
        yield stdin
      })(),
    }
    const before = process.cwd()
    process.chdir(this.path)
    try {
      await runCli(oathmeshProgram(io), args, io)
    } finally {
      process.chdir(before)
    }
    for (const planted of this.#planted) {
      const { stdout, stderr } = io.written
      if (`${stdout}${stderr}`.includes(planted)) throw new Error(`${args[0]} prints a secret`)
    }
    return io.written
  }

  remove(): void {
    rmSync(this.path, { recursive: true })
  }
}
