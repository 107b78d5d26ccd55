import { deny } from '../../denial.ts'
import type { Step } from '../step.ts'

/**
 * Before step 1: exactly one `Authorization` with the scheme `OathMesh` (or `Bearer` where opted in).
 * Denies `claim_missing:token`. RFC 9110, 11.4; spec 2.
 */
export const credentials: Step = {
  name: 'credentials',
  run(attempt) {
    const [value, ...others] = attempt.call.authorization
    if (value === undefined || value.trim() === '') deny('authorization_missing')
    // A proxy may have joined two headers with a comma; neither a scheme nor a token holds one.
    if (others.length > 0 || value.includes(',')) deny('authorization_ambiguous')
    const [scheme = '', token = ''] = splitOnce(value.trim())
    if (!isAccepted(scheme, attempt.settings.acceptBearer)) deny('scheme_unsupported')
    if (token === '') deny('authorization_missing')
    attempt.record('token', token)
  },
}

function splitOnce(value: string): [string, string] {
  const end = value.search(/[ \t]/)
  return end < 0 ? [value, ''] : [value.slice(0, end), value.slice(end).trim()]
}

function isAccepted(scheme: string, acceptBearer: boolean): boolean {
  const name = scheme.toLowerCase()
  return name === 'oathmesh' || (acceptBearer && name === 'bearer')
}
