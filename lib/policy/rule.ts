/** One line of a policy: who may, or may not, do what. Spec 9.1. */
export interface PolicyRule {
  /** Unique in its policy; the audit line gives it as `policy:<name>`. */
  readonly name: string
  /** Nothing in it matches every call, which only a deny rule may do. */
  readonly match?: RuleMatch | undefined
  readonly allow: boolean
  /** Why the rule denies: for whoever reads the policy or its explanation, never sent to a client. */
  readonly denyReason?: string | undefined
}

/**
 * Conditions on proven claims; all that are present must hold. A text is a glob (`compileGlob`).
 * A claim that the token lacks satisfies no condition, `*` included: `tenant: '*'` asks for any
 * tenant, but for one.
 */
export interface RuleMatch {
  readonly sub?: string | undefined
  readonly act?: string | undefined
  readonly env?: string | undefined
  readonly tenant?: string | undefined
  readonly iss?: string | undefined
  readonly aud?: string | undefined
  /** The token must carry every one of them, compared exactly. */
  readonly scope?: readonly string[] | undefined
  readonly src?: SourceMatch | undefined
}

export interface SourceMatch {
  readonly type?: string | undefined
  readonly repo?: string | undefined
  readonly workflow?: string | undefined
}

/** The rule that decides when no other does. It stands last, denies, and may be left out. */
export const DEFAULT_RULE = 'default'
