import { compileDocument } from '../../../lib/policy/document.ts'
import { parseStrictJson } from '../../../lib/token/strict-json.ts'
import { readPolicy } from '../../../schema/read-policy.ts'
import { claimsWith } from '../../lib/policy/claims.ts'
import { type FuzzTarget, holds, text, unlessStated } from '../fuzz-target.ts'

const document = (...rules: readonly object[]) => ({
  version: 1,
  issuers: ['https://issuer.example'],
  audiences: ['https://api.example'],
  rules: [...rules, { name: 'default', allow: false }],
})
/** Nobody's policy is about this caller. */
const stranger = claimsWith({ iss: 'https://stranger.example' })

/** The file of a policy: refused in words, or a policy that answers and lets no stranger pass. */
export const policyDocument: FuzzTarget = {
  name: 'policy-document',
  seeds: [
    document({ name: 'a', match: { sub: 'svc://*', act: 'orders.*' }, allow: true }),
    document({ name: 'b', match: { scope: ['x'], env: 'prod', tenant: 't*' }, allow: false }),
    document({ name: 'c', match: { src: { repo: 'acme/*' } }, allow: true }),
    document(),
  ].map(text),
  dictionary: ['"match":', '"allow":true', '"name":"default"', '{}', '[]', 'null', '"*"', '**'],
  check(input) {
    const value = unlessStated(() => parseStrictJson(input), SyntaxError)
    const reading = readPolicy(value)
    if ('faults' in reading) {
      for (const fault of reading.faults) holds(/^[\w[\].:/ ]/.test(fault), `no words: ${fault}`)
      return
    }
    const policy = unlessStated(() => compileDocument(reading.document), TypeError)
    if (policy === undefined) return
    holds(typeof policy.decide(claimsWith()).allow === 'boolean', 'no answer')
    const { issuers } = reading.document
    holds(!policy.decide(stranger).allow || issuers.includes(stranger.iss), 'a stranger may pass')
  },
}
