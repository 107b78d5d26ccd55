import type { CliIo, ExitCode } from '../../cli/terminal/io.ts'

export interface FakeIo extends CliIo {
  readonly written: { stdout: string; stderr: string; exitCode: ExitCode }
}

/** A process as commands see it, in memory. */
export function fakeIo(stdin = '', color = false): FakeIo {
  const written: FakeIo['written'] = { stdout: '', stderr: '', exitCode: 0 }
  const output = (stream: 'stdout' | 'stderr') => ({
    color,
    write(text: string) {
      written[stream] += text
    },
  })
  return {
    written,
    stdin: (async function* () {
      yield stdin
    })(),
    stdout: output('stdout'),
    stderr: output('stderr'),
    setExitCode(code) {
      written.exitCode = code
    },
  }
}
