import type { Claims } from '../../lib/index.ts'
import type { ConsumerConfig } from '../../schema/plugin-config.ts'

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
