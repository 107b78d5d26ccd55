import type { Claims } from '../../lib/index.ts'
import type { ConsumerConfig } from '../../schema/plugin-config.ts'
import type { KongConsumer } from './kong.ts'

/** The name under which a verified caller's consumer is looked up; `undefined` when nothing names one. */
export function consumerName({ by, claim }: ConsumerConfig, claims: Claims): string | undefined {
  if (by === 'subject') return claims.sub
  switch (claim) {
    case undefined:
      return undefined
    case 'src.type':
      return claims.src?.type
    case 'src.repo':
      return claims.src?.repo
    case 'src.workflow':
      return claims.src?.workflow
    default:
      return claims[claim]
  }
}

/**
 * The headers that Kong's own authentication plugins set and clear. Without a credential the consumer is
 * the anonymous one. An empty list removes a header.
 */
export function consumerHeaders(
  consumer: KongConsumer | undefined,
  credentialId: string | undefined,
): Readonly<Record<string, string | readonly string[]>> {
  return {
    'X-Consumer-ID': consumer?.id ?? [],
    'X-Consumer-Custom-ID': consumer?.custom_id ?? [],
    'X-Consumer-Username': consumer?.username ?? [],
    'X-Credential-Identifier': credentialId ?? [],
    'X-Anonymous-Consumer': credentialId === undefined ? 'true' : [],
  }
}
