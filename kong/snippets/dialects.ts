import type { Snippet } from './snippet.ts'
import { toAdmin, toKonnect } from './to-curl.ts'
import { toDeck } from './to-deck.ts'
import { toKic } from './to-kic.ts'
import { toTerraform } from './to-terraform.ts'

export interface Dialect {
  readonly title: string
  /** What a fenced block of it is in. */
  readonly language: 'yaml' | 'sh' | 'hcl'
  readonly write: (snippet: Snippet) => string
}

/** The dialects of Kong's configuration, in the order of its own pages. */
export const DIALECTS: Readonly<Record<string, Dialect>> = {
  deck: { title: 'decK', language: 'yaml', write: toDeck },
  admin: { title: 'Admin API', language: 'sh', write: toAdmin },
  konnect: { title: 'Konnect API', language: 'sh', write: toKonnect },
  kic: { title: 'Ingress controller', language: 'yaml', write: toKic },
  terraform: { title: 'Terraform', language: 'hcl', write: toTerraform },
}
