import { Command, InvalidArgumentError } from 'commander'
import { escapeControls } from '../../lib/index.ts'
import type { CliIo } from '../terminal/io.ts'
import { painter } from '../terminal/print.ts'
import { type Asked, askStatus } from './ask-status.ts'
import { statusText } from './status-text.ts'

interface StatusOptions {
  readonly socket: string
  readonly timeout: number
  readonly alive?: true
  readonly json?: true
}

/** Where `kong/kong.conf` puts the plugin socket. */
const SOCKET = 'oathmesh.sock'
const PREFIX = '/usr/local/kong'
/** Longer than a server waits for its workers, shorter than probes commonly wait for a command. */
const TIMEOUT_MS = 3000

/** `oathmesh status`: how it goes at a plugin server or an Envoy service of this machine. */
export function statusCommand(io: CliIo): Command {
  const prefix = process.env['KONG_PREFIX'] || PREFIX
  return new Command('status')
    .description('say how it goes at the plugin server, or at the Envoy service, of this machine')
    .option('--socket <path>', 'socket of the server', `${prefix}/${SOCKET}`)
    .option('--timeout <ms>', 'how long to wait for an answer', milliseconds, TIMEOUT_MS)
    .option('--alive', 'exit with 0 also when degraded: for probes that restart what fails them')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      '\nAsks at PATH.status, a socket of the user alone that the server runs as.' +
        '\nExit codes: 0 healthy, 1 degraded, 2 away, or wrong usage' +
        '\nExamples:' +
        '\n  oathmesh status --socket /usr/local/kong/oathmesh.sock' +
        '\n  oathmesh status --alive   as the liveness probe of a container',
    )
    .action(async ({ socket, timeout, alive, json }: StatusOptions) => {
      const asked = await askStatus(socket, timeout)
      io.stdout.write(json ? jsonOf(socket, asked) : textOf(socket, asked, io.stdout.color))
      const code = codeOf(asked)
      io.setExitCode(alive && code === 1 ? 0 : code)
    })
}

function codeOf(asked: Asked): 0 | 1 | 2 {
  if (asked.as === 'away') return 2
  return asked.as === 'report' && asked.report.status === 'healthy' ? 0 : 1
}

function jsonOf(socket: string, asked: Asked): string {
  const document =
    asked.as === 'report'
      ? { socket, ...asked.report }
      : { socket, status: statusOf(asked), findings: [findingOf(socket, asked)] }
  const lines = JSON.stringify(document, null, 2).split('\n')
  return `${lines.map(escapeControls).join('\n')}\n`
}

function textOf(socket: string, asked: Asked, color: boolean): string {
  if (asked.as === 'report') return statusText(socket, asked.report, color)
  return `${painter(color)('red', statusOf(asked))}  ${escapeControls(asked.detail)}\n`
}

/** What cannot be looked into is not known to be healthy. */
function statusOf({ as }: Asked): 'degraded' | 'away' {
  return as === 'away' ? 'away' : 'degraded'
}

function findingOf(about: string, asked: Exclude<Asked, { as: 'report' }>): object {
  const what = asked.as === 'away' ? 'away' : 'no_report'
  return { what, about, detail: asked.detail }
}

function milliseconds(value: string): number {
  if (!/^[1-9]\d{0,5}$/.test(value)) {
    throw new InvalidArgumentError('Expected milliseconds from 1 to 999999.')
  }
  return Number(value)
}
