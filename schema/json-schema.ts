/** The part of JSON Schema (draft 2020-12) that the configuration schema uses. */
export interface JsonSchema {
  readonly type?: 'string' | 'integer' | 'boolean' | 'array' | 'object'
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: false
  /** What a text must look like in Kong's own words: a name of `KONG_FORMATS`. */
  readonly 'x-kong-format'?: string
  /** Rules between fields of this object, in Kong's words (`entity_checks`). */
  readonly 'x-kong-checks'?: readonly KongCheck[]
  /** Kong may resolve the field from a vault; `encrypted` ones it must also store encrypted. */
  readonly 'x-secret'?: 'referenceable' | 'encrypted'
}

/** One check by its name: a list of fields, or what a conditional one has. */
export type KongCheck = Readonly<
  Record<string, readonly string[] | Readonly<Record<string, unknown>>>
>
