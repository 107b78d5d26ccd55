import type { KongField } from './kong-field.ts'

const REFERENCE = /^\{vault:\/\/.*\}$/

/** Whether Kong takes the value for a vault reference, and leaves it unchecked. */
export function isReference({ referenceable }: KongField, value: unknown): boolean {
  return referenceable === true && typeof value === 'string' && REFERENCE.test(value)
}
