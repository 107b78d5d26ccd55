import { createHash } from 'node:crypto'
import type { RequestLine } from '../call.ts'
import type { BindingMode } from '../settings.ts'

export type BoundMode = Exclude<BindingMode, 'off'>

/**
 * The value `rqh` has for one request: `sha256:` and 64 lower-case hex digits. Callers and verifiers
 * share this function. Throws `TypeError` when the mode needs the request line and there is none.
 * Spec 6.2.
 */
export function requestHash(
  mode: BoundMode,
  line: RequestLine | undefined,
  body: Uint8Array,
): string {
  const hash = createHash('sha256')
  if (mode === 'body') return `sha256:${hash.update(body).digest('hex')}`
  if (line === undefined) throw new TypeError(`binding mode ${mode} needs the request line`)
  const { method, rawPath, rawQuery } = line
  if (mode === 'method_path_body') {
    hash.update(method.toUpperCase() + rawPath).update(body)
  } else {
    // Line feeds cannot occur in a request line, so no two requests share this text.
    const digest = createHash('sha256').update(body).digest('hex')
    hash.update(['oathmesh-rqh-v1', method, rawPath, rawQuery, digest].join('\n'))
  }
  return `sha256:${hash.digest('hex')}`
}
