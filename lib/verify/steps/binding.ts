import { timingSafeEqual } from 'node:crypto'
import { type BoundMode, requestHash } from '../../binding/request-hash.ts'
import type { Call } from '../../call.ts'
import { deny } from '../../denial.ts'
import type { BindingSettings } from '../../settings.ts'
import type { Step } from '../step.ts'

const SYNTAX = /^sha256:[0-9a-f]{64}$/
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Step 12: a token bound to a request comes with that request, and where binding is required every
 * token is bound. A binding that cannot be checked is a mismatch, never ignored (W-01).
 * Denies `binding_mismatch`, `binding_required`. Spec 6.2.
 */
export const binding: Step = {
  label: 12,
  name: 'binding',
  run(attempt) {
    const { rqh } = attempt.found('claims')
    const { binding: settings } = attempt.settings
    if (settings.mode === 'off') {
      if (rqh !== undefined && !settings.ignoreWhenOff) deny('binding_off')
      return
    }
    if (rqh === undefined) {
      return settings.required === 'none' ? undefined : requireBinding(attempt.call, settings)
    }
    if (!SYNTAX.test(rqh)) deny('binding_syntax')
    return compare(rqh, attempt.call, settings.mode, settings.maxBodyBytes)
  },
}

async function requireBinding(call: Call, settings: BindingSettings): Promise<void> {
  if (settings.required === 'unsafe' && (await isSafe(call, settings.maxBodyBytes))) return
  deny('binding_required')
}

/** A safe method promises nothing about a body, and there are services that act on one all the same. */
async function isSafe(call: Call, maxBytes: number): Promise<boolean> {
  if (!SAFE_METHODS.has((await call.requestLine()).method)) return false
  const body = await call.body(maxBytes)
  return body.kind === 'bytes' && body.bytes.length === 0
}

async function compare(rqh: string, call: Call, mode: BoundMode, maxBytes: number): Promise<void> {
  const body = await call.body(maxBytes)
  if (body.kind === 'over_limit') deny('body_over_limit')
  if (body.kind === 'unreadable') deny('body_unreadable')
  const line = mode === 'body' ? undefined : await call.requestLine()
  const expected = requestHash(mode, line, body.bytes)
  if (!timingSafeEqual(Buffer.from(rqh), Buffer.from(expected))) deny('binding_mismatch')
}
