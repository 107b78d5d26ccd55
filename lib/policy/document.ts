import { escapeControls } from '../escape-controls.ts'
import { compileRules } from './compile.ts'
import type { Policy } from './policy.ts'
import { DEFAULT_RULE, type PolicyRule } from './rule.ts'

/** A policy that is a file of its own. Spec 9.1. */
export interface PolicyDocument {
  readonly version: 1
  /** The issuers it is written for. */
  readonly issuers: readonly string[]
  /** The audiences it is written for. */
  readonly audiences: readonly string[]
  readonly rules: readonly PolicyRule[]
}

/** A document of the right shape, or what is wrong with it: phrases that begin with a path. */
export type DocumentReading =
  | { readonly document: PolicyDocument }
  | { readonly faults: readonly string[] }

/** Checks the shape of a parsed document; `readPolicy` in `schema/` does, from the JSON Schema. */
export type DocumentReader = (value: unknown) => DocumentReading

/** What a gateway accepts, which a document has to agree with. */
export interface PolicyScope {
  readonly audience: string
  readonly issuers: readonly string[]
}

/**
 * Makes a policy of a document, which denies by `default` what comes from another issuer or is meant
 * for another audience than those it is written for.
 *
 * Throws `TypeError` that begins with the path of the fault: what `compileRules` refuses, a list
 * that does not end in `default`, and, where `scope` is given, a document that is not for this
 * audience or trusts an issuer that the gateway does not.
 */
export function compileDocument(document: PolicyDocument, scope?: PolicyScope): Policy {
  const last = document.rules.length - 1
  if (document.rules[last]?.name !== DEFAULT_RULE) {
    throw new TypeError(`rules[${last}]: the last rule must be named "default" and deny`)
  }
  const rules = compileRules(document.rules, 'rules')
  if (scope !== undefined) refuseForeign(document, scope)
  const issuers = new Set(document.issuers)
  const audiences = new Set(document.audiences)
  return {
    decide: (claims) =>
      issuers.has(claims.iss) && audiences.has(claims.aud)
        ? rules.decide(claims)
        : { allow: false, rule: DEFAULT_RULE },
  }
}

function refuseForeign({ audiences, issuers }: PolicyDocument, scope: PolicyScope): void {
  if (!audiences.includes(scope.audience)) {
    throw new TypeError(
      `audiences: "${scope.audience}", which this gateway serves, is not among them`,
    )
  }
  const foreign = issuers.find((issuer) => !scope.issuers.includes(issuer))
  if (foreign !== undefined) {
    const at = issuers.indexOf(foreign)
    const issuer = escapeControls(foreign)
    throw new TypeError(`issuers[${at}]: "${issuer}" is not an issuer that this gateway trusts`)
  }
}
