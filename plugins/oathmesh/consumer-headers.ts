import type { KongConsumer } from './kong.ts'

/** The headers by which Kong's own authentication plugins name a consumer. */
export const CONSUMER_HEADERS = [
  'X-Consumer-ID',
  'X-Consumer-Custom-ID',
  'X-Consumer-Username',
  'X-Credential-Identifier',
  'X-Anonymous-Consumer',
] as const

export type ConsumerHeader = (typeof CONSUMER_HEADERS)[number]

/**
 * Those that a consumer has; Kong's plugins remove the others. Without a credential the consumer is the
 * anonymous one. Empty values are left out: Kong turns them into a space.
 */
export function consumerHeaders(
  consumer: KongConsumer | undefined,
  credentialId: string | undefined,
): Readonly<Partial<Record<ConsumerHeader, string>>> {
  return {
    ...(consumer?.id && { 'X-Consumer-ID': consumer.id }),
    ...(consumer?.custom_id && { 'X-Consumer-Custom-ID': consumer.custom_id }),
    ...(consumer?.username && { 'X-Consumer-Username': consumer.username }),
    ...(credentialId && { 'X-Credential-Identifier': credentialId }),
    ...(credentialId === undefined && { 'X-Anonymous-Consumer': 'true' }),
  }
}
