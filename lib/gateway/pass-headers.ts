import { type HeaderLists, valuesOf } from './header-lists.ts'
import { holdsOurToken } from './holds-our-token.ts'
import { DECISION_HEADER, type OurHeaders } from './our-headers.ts'

/** How a call passes: verified, although refused, or without an identity of ours. */
export type Pass = 'allow' | 'observe' | 'anonymous'

/** What a gateway does to the headers of a passing call. No name is in both, in whatever letter case. */
export interface HeaderChanges {
  /** To replace, in this order. A list is for `Authorization` alone: the values that stay. */
  readonly set: Readonly<Record<string, string | readonly string[]>>
  /** Names to remove, each as it was received. */
  readonly remove: readonly string[]
}

export interface Passing {
  readonly pass: Pass
  readonly received: HeaderLists
  readonly ours: OurHeaders
  /** Headers to set besides the decision: of the account, then of the identity. */
  readonly set?: Readonly<Record<string, string>>
}

/**
 * What every passing call needs. Each header that is ours is set or goes, in every spelling in which it was
 * received; a spelling other than ours of a header that is set goes too, since an upstream could read both as
 * one. `Authorization` goes where the call was allowed by it, and else each value of it that holds a token of
 * ours: a credential for someone else stays. Design 4.
 */
export function passHeaders({ pass, received, ours, set = {} }: Passing): HeaderChanges {
  const credentials = valuesOf(received, 'authorization')
  const foreign = pass === 'allow' ? [] : credentials.filter((value) => !holdsOurToken(value))
  const kept = foreign.length > 0 && foreign.length < credentials.length
  const changes = { ...(kept && { Authorization: foreign }), [DECISION_HEADER]: pass, ...set }
  const remove = Object.keys(received).filter((name) => {
    if (!ours.has(name) || isSet(changes, name)) return false
    return name.toLowerCase() !== 'authorization' || foreign.length < credentials.length
  })
  return { set: changes, remove }
}

/** Letter case does not count. */
function isSet(changes: object, received: string): boolean {
  const plain = received.toLowerCase()
  return Object.keys(changes).some((name) => name.toLowerCase() === plain)
}
