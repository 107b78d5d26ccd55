/**
 * The names of the checks, in the order of execution. They are data so that whatever speaks of each
 * step, such as `oathmesh explain`, fails to compile while one is missing. Spec 3.1.
 */
export const STEP_NAMES = [
  'credentials',
  'structure',
  'algorithm',
  'payload',
  'trusted issuer',
  'required claims',
  'subject',
  'signing key',
  'signature',
  'issuer scope',
  'expiry',
  'issued at',
  'audience',
  'binding',
  'revocation',
  'replay',
  'policy',
  'requirements',
] as const

export type StepName = (typeof STEP_NAMES)[number]
