import type { Attempt } from '../verify/attempt.ts'
import type { StepName } from '../verify/step-names.ts'

type Finding = (attempt: Attempt) => string

/** What is worth knowing about each step that has passed. */
const FINDINGS: Readonly<Record<StepName, Finding>> = {
  credentials: () => 'one Authorization value in an accepted scheme',
  structure: (attempt) => `three segments, ${attempt.found('token').length} bytes`,
  algorithm: (attempt) => `EdDSA, key id ${attempt.found('header').kid ?? 'missing'}`,
  payload: (attempt) => `${Object.keys(attempt.found('payload')).length} known claims`,
  'trusted issuer': (attempt) => attempt.found('payload').iss ?? '',
  'required claims': (attempt) => `all there, id ${attempt.found('claims').jti}`,
  subject: (attempt) => attempt.found('claims').sub,
  'signing key': () => 'published by the issuer',
  signature: () => 'verifies: the claims are what the issuer signed',
  'issuer scope': () => 'the issuer may speak for the subject',
  expiry: (attempt) => `${span(attempt.found('claims').exp - attempt.now)} left`,
  'issued at': (attempt) => `${span(attempt.now - attempt.found('claims').iat)} ago`,
  audience: (attempt) => attempt.found('claims').aud,
  binding: bindingFinding,
  revocation: () => 'not asked: a subject that has been revoked since is not known here',
  replay: () =>
    'first use in the memory of this command; what gateways have seen is not known here',
  policy: policyFinding,
  requirements: (attempt) => `${attempt.found('claims').act} fits`,
}

/** One phrase about a step that has passed. */
export function finding(name: StepName, attempt: Attempt): string {
  return FINDINGS[name](attempt)
}

function bindingFinding(attempt: Attempt): string {
  const { mode } = attempt.settings.binding
  if (attempt.found('claims').rqh === undefined) return 'not bound, and need not be'
  return mode === 'off' ? 'bound, and not checked here' : `bound to this request, mode ${mode}`
}

function policyFinding(attempt: Attempt): string {
  const { rule } = attempt.findings
  return rule === undefined ? 'everybody is allowed' : `rule "${rule}"`
}

/** Whole seconds; below zero, the clock skew that the gateway grants is at work. */
function span(seconds: number): string {
  return `${Math.floor(seconds)} s`
}
