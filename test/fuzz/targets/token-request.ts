import { IssuerRefusal } from '../../../issuer/refusal.ts'
import { readTokenRequest } from '../../../issuer/token-request.ts'
import { parseStrictJson } from '../../../lib/token/strict-json.ts'
import { isSubject } from '../../../lib/token/subject.ts'
import { type FuzzTarget, holds, text, unlessStated } from '../fuzz-target.ts'

/** The body that an issuer gets: a refusal of its table, or a request for what verifiers accept. */
export const tokenRequest: FuzzTarget = {
  name: 'token-request',
  seeds: [
    { sub: 'svc://acme/billing', aud: 'https://api', act: 'orders.read' },
    { sub: 'svc://a', aud: 'a', act: 'b', ttl_hint: 300, scope: ['x'], reason: 'r', env: 'e' },
    { sub: 'svc://a', aud: 'a', act: 'b', rqh: `sha256:${'0'.repeat(64)}`, src: { repo: 'a' } },
    { aud: 'a', act: 'b', tenant: null },
  ].map(text),
  dictionary: ['"sub":', '"ttl_hint":', '1e400', '-1', '""', 'null', '__proto__', '\\u202e', '..'],
  check(input) {
    const body = unlessStated(() => parseStrictJson(input), SyntaxError)
    const wanted = unlessStated(() => readTokenRequest(body), IssuerRefusal)
    if (wanted === undefined) return
    holds(wanted.sub === undefined || isSubject(wanted.sub), 'a subject that verifiers refuse')
    holds(wanted.ttlSeconds >= 1 && wanted.ttlSeconds <= 300, 'a life beyond the bound')
    for (const member of Object.values(wanted)) {
      holds(typeof member !== 'string' || !/\p{Cc}/u.test(member), 'a control character')
    }
  },
}
