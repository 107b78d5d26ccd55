import type { Gateway } from '../lib/index.ts'

/** What a route asks for by `context_extensions.oathmesh`: one configuration, opened. */
export interface NamedPolicy {
  readonly name: string
  readonly gateway: Gateway
  /** How long a verification may take. */
  readonly deadlineMs: number
  /** What Envoy has to be able to send in one message. */
  readonly maxBodyBytes: number
}

export type NamedPolicies = ReadonlyMap<string, NamedPolicy>
