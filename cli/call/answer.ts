import { escapeControls } from '../../lib/index.ts'

/** An answer for a reader; its text acts on no terminal. */
export function answerText(answer: Response, body: string, head: boolean, color: boolean): string {
  const lines = [...answer.headers].map(([name, value]) => `${name}: ${value}`)
  const status = `${answer.status} ${answer.statusText}`.trimEnd()
  const top = head ? `${[status, ...lines].map(escapeControls).join('\n')}\n\n` : ''
  const shown = color ? body.split('\n').map(escapeControls).join('\n') : body
  return `${top}${shown}${body === '' || body.endsWith('\n') ? '' : '\n'}`
}

/** The same for a program; a body in JSON is given as such. */
export function answerJson({ status, headers }: Response, body: string): string {
  const result = { status, headers: Object.fromEntries(headers), body: bodyOf(headers, body) }
  return `${JSON.stringify(result, null, 2)}\n`
}

function bodyOf(headers: Headers, body: string): unknown {
  if (!/\bjson\b/.test(headers.get('content-type') ?? '')) return body
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}
