import { deny } from '../../denial.ts'
import type { Step } from '../step.ts'

const IDENTITY = /^(?:authorization|x-oathmesh-.*)$/

/**
 * Before step 1: exactly one `Authorization` with the scheme `OathMesh` (or `Bearer` where opted in),
 * and a `Connection` that leaves identity headers alone.
 * Denies `claim_missing:token`, `verification_failed`. RFC 9110, 11.4; spec 2, W-27.
 */
export const credentials: Step = {
  name: 'credentials',
  run(attempt) {
    const { authorization, connection } = attempt.call
    // The gateway drops headers named here after the identity headers have been set.
    if (connection.some(namesIdentity)) deny('hop_by_hop_identity')
    const [value, ...others] = authorization
    if (value === undefined || value.trim() === '') deny('authorization_missing')
    // A proxy may have joined two headers with a comma; neither a scheme nor a token holds one.
    if (others.length > 0 || value.includes(',')) deny('authorization_ambiguous')
    const [scheme = '', token = ''] = splitOnce(value.trim())
    if (!isAccepted(scheme, attempt.settings.acceptBearer)) deny('scheme_unsupported')
    if (token === '') deny('authorization_missing')
    attempt.record('token', token)
  },
}

function namesIdentity(connection: string): boolean {
  return connection
    .split(',')
    .some((name) => IDENTITY.test(name.trim().toLowerCase().replaceAll('_', '-')))
}

function splitOnce(value: string): [string, string] {
  const end = value.search(/[ \t]/)
  return end < 0 ? [value, ''] : [value.slice(0, end), value.slice(end).trim()]
}

function isAccepted(scheme: string, acceptBearer: boolean): boolean {
  const name = scheme.toLowerCase()
  return name === 'oathmesh' || (acceptBearer && name === 'bearer')
}
