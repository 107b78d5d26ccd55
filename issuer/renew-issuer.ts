import type { Issuer } from './issuer.ts'

/**
 * Puts the clients, providers, rules and limits of one issuer in place of another's, between two requests.
 * What an address, a connection or a key hangs on stays: `iss`, keys, revocation list, audit. Limits
 * begin anew, and each secret is checked the slow way once more.
 */
export function renewIssuer(issuer: Issuer, fresh: Issuer): void {
  const { authenticator, providers, policy, minter, rateLimit, rights } = fresh
  Object.assign(issuer, { authenticator, providers, policy, minter, rateLimit, rights })
}
