import { compileDocument, type PolicyDocument } from '../../../lib/policy/document.ts'
import type { Policy } from '../../../lib/policy/policy.ts'
import { parseStrictJson } from '../../../lib/token/strict-json.ts'
import { readPolicy } from '../../../schema/read-policy.ts'
import { claimsWith } from '../../lib/policy/claims.ts'
import { type FuzzTarget, holds, holdsFault, text, unlessStated } from '../fuzz-target.ts'

const document = (...rules: readonly object[]) => ({
  version: 1,
  issuers: ['https://issuer.example'],
  audiences: ['https://api.example'],
  rules: [...rules, { name: 'default', allow: false }],
})
/** Nobody's policy is about this caller. */
const stranger = claimsWith({ iss: 'https://stranger.example' })

function compiled(document: PolicyDocument): Policy | undefined {
  try {
    return compileDocument(document)
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    holdsFault(cause.message)
    return undefined
  }
}

/** The file of a policy: refused in words, or a policy that answers and lets no stranger pass. */
export const policyDocument: FuzzTarget = {
  name: 'policy-document',
  seeds: [
    document({ name: 'a', match: { sub: 'svc://*', act: 'orders.*' }, allow: true }),
    document({ name: 'b', match: { scope: ['x'], env: 'prod', tenant: 't*' }, allow: false }),
    document({ name: 'c', match: { src: { repo: 'acme/*' } }, allow: true }),
    document(),
  ].map(text),
  dictionary: [
    '\\u001b[2J\\n',
    '"":',
    '"match":',
    '"allow":true',
    '"name":"default"',
    '{}',
    '[]',
    'null',
    '"*"',
    '**',
  ],
  check(input) {
    const value = unlessStated(() => parseStrictJson(input), SyntaxError)
    const reading = readPolicy(value)
    if ('faults' in reading) {
      reading.faults.forEach(holdsFault)
      return
    }
    const policy = compiled(reading.document)
    if (policy === undefined) return
    holds(typeof policy.decide(claimsWith()).allow === 'boolean', 'no answer')
    const { issuers } = reading.document
    holds(!policy.decide(stranger).allow || issuers.includes(stranger.iss), 'a stranger may pass')
  },
}
