import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { Payload } from '../lib/index.ts'
import { faultText } from './fault-text.ts'
import schema from './policy-cases.schema.json' with { type: 'json' }

/** A table of calls and of what a policy is expected to say to each. */
export interface PolicyCases {
  readonly defaults?: Payload
  readonly cases: readonly PolicyCase[]
}

export interface PolicyCase {
  readonly name: string
  readonly claims: Payload
  readonly expect: { readonly allow: boolean; readonly rule: string }
}

let validator: ValidateFunction<PolicyCases> | undefined

/** Checks a parsed table against `policy-cases.schema.json`. */
export function readPolicyCases(
  value: unknown,
): { readonly table: PolicyCases } | { readonly faults: readonly string[] } {
  validator ??= new Ajv2020({ allErrors: true, verbose: true, strict: false }).compile(schema)
  if (validator(value)) return { table: value }
  const faults = (validator.errors ?? []).map(faultText).filter((text) => text !== undefined)
  return { faults }
}
