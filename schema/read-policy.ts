import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import type { DocumentReading, PolicyDocument, PolicyRule } from '../lib/index.ts'
import { faultText } from './fault-text.ts'
import schema from './policy.schema.json' with { type: 'json' }

/** A document as `policy.schema.json` accepts it: rules may use the other spelling of their name. */
interface RawDocument extends Omit<PolicyDocument, 'rules'> {
  readonly rules: readonly RawRule[]
}
type RawRule = Omit<PolicyRule, 'name'> & { readonly name?: string; readonly ruleName?: string }

let validator: ValidateFunction<RawDocument> | undefined

/** Checks a parsed policy document against the schema and gives every rule its `name` (C-07). */
export function readPolicy(value: unknown): DocumentReading {
  validator ??= new Ajv2020({ allErrors: true, verbose: true, strict: false }).compile(schema)
  if (!validator(value)) return { faults: faultsOf(validator.errors ?? []) }
  const { version, issuers, audiences } = value
  return { document: { version, issuers, audiences, rules: value.rules.map(named) } }
}

function named({ ruleName = '', name = ruleName, ...rule }: RawRule): PolicyRule {
  return { name, ...rule }
}

function faultsOf(errors: readonly ErrorObject[]): readonly string[] {
  const texts = errors.map((error) => {
    // Of the two ways to name a rule, neither or both: one fault, not three.
    if (error.keyword !== 'oneOf') return withinOneOf(error) ? undefined : faultText(error)
    return faultText({ ...error, message: 'needs either "name" or "ruleName"' })
  })
  return [...new Set(texts.filter((text) => text !== undefined))]
}

function withinOneOf({ schemaPath }: ErrorObject): boolean {
  return schemaPath.includes('/oneOf/')
}
