import { escapeControls } from '../../lib/index.ts'
import type { CliIo } from '../terminal/io.ts'

/** Headers whose values are secrets. */
const SECRET = new Set(['authorization', 'proxy-authorization', 'cookie'])

/** The request line and the headers that were sent, secrets by their length alone. */
export function showRequest({ method, url, headers }: Request, io: CliIo): void {
  const { pathname, search, host } = new URL(url)
  const lines = [`${method} ${pathname}${search}`, `host: ${host}`]
  for (const [name, value] of headers) {
    lines.push(`${name}: ${SECRET.has(name) ? hidden(value) : value}`)
  }
  io.stderr.write(lines.map((line) => `> ${escapeControls(line)}\n`).join(''))
}

/** Status and headers of the answer. */
export function showResponse({ status, statusText, headers }: Response, io: CliIo): void {
  const lines = [
    `${status} ${statusText}`,
    ...[...headers].map(([name, value]) => `${name}: ${value}`),
  ]
  io.stderr.write(lines.map((line) => `< ${escapeControls(line)}\n`).join(''))
}

function hidden(value: string): string {
  const [scheme = '', rest] = value.split(' ', 2)
  return rest === undefined
    ? `(${value.length} characters)`
    : `${scheme} (${rest.length} characters)`
}
