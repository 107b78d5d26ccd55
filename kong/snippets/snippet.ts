/** One plugin entity, before it is written in a dialect. */
export interface SnippetEntity {
  /** What tools call it: lower case, hyphens. */
  readonly label: string
  readonly plugin: string
  /** The route or service it stands on; without, it is global. */
  readonly on?: { readonly kind: 'service' | 'route'; readonly name: string }
  readonly enabled?: boolean
  readonly tags?: readonly string[]
  readonly config: Readonly<Record<string, unknown>>
}

/** A piece of configuration for one purpose. */
export interface Snippet {
  /** One sentence on what it does. */
  readonly about: string
  readonly entities: readonly SnippetEntity[]
}
