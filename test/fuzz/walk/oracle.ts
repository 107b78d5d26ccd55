import { randomUUID } from 'node:crypto'
import { freshToken } from '../../../testkit/fresh-token.ts'
import { KEYS } from '../../../testkit/keys.ts'
import type { Seen } from '../../../testkit/seen.ts'

/** `fresh` may pass, `again` is one that has passed already; the upstream must never see the others. */
export const KINDS = ['fresh', 'again', 'forged', 'expired', 'denied', 'none', 'spoofed'] as const
export type Kind = (typeof KINDS)[number]

export interface WalkCall {
  readonly id: string
  readonly kind: Kind
  readonly path: string
  readonly headers: readonly string[]
}

interface Use {
  readonly token: string
  passes: number
  /** Audit lines that say the token was known from before, while Redis was away. */
  degraded: number
  /** Calls with it that have not been answered. */
  pending: number
  /** Never tried again: forgotten with its last answer. */
  isOld: boolean
}

interface Sent {
  readonly kind: Kind
  readonly tokenId: string
  /** Of tokens that may pass. */
  readonly use: Use | undefined
}

/** How many used tokens are kept to be tried again. */
const KEPT = 20_000
export const DENIED = 'svc://denied/always'
/** Told at most once a minute by each process that loses lines. */
const LOST_LINES = /audit line not written.*ENOSPC/
const DEGRADED_LINE = /"event":"allow".*"jti":"([^"]+)".*"degraded":true/

/** Knows every token of a walk, and what must become of it. */
export class Oracle {
  readonly violations: string[] = []
  readonly sent: Record<Kind, number> = counts()
  readonly reached: Record<Kind, number> = counts()
  /** Passes of known tokens while Redis was away. */
  degraded = 0
  /** Reports of audit lines that a full disk did not take. */
  lossReports = 0
  readonly #calls = new Map<string, Sent>()
  readonly #uses = new Map<string, Use>()
  /** Ids of tokens that have passed, the oldest first. */
  #passed: string[] = []

  /** A call of some kind. `chance` is a number from 0 up to 1. */
  next(kind: Kind, chance: number): WalkCall {
    const id = randomUUID()
    const again =
      kind === 'again' ? this.#passed[Math.floor(chance * this.#passed.length)] : undefined
    const tokenId = again ?? id
    const made = again === undefined && kind === 'again' ? 'fresh' : kind
    this.sent[made]++
    const headers = this.#headers(made, tokenId, chance)
    const use = made === 'fresh' || made === 'again' ? this.#uses.get(tokenId) : undefined
    if (use !== undefined) use.pending++
    this.#calls.set(id, { kind: made, tokenId, use })
    // The routes share their tokens; a fifth of all calls is written to a file, whichever token is theirs.
    const route = (chance * 997) % 1 < 0.2 ? '/filed' : '/walk'
    return { id, kind: made, path: `${route}?call=${id}`, headers }
  }

  /** The upstream has got a request. */
  arrived(request: Pick<Seen, 'url' | 'headers'>): void {
    const id = new URL(request.url, 'http://upstream').searchParams.get('call') ?? ''
    const call = this.#calls.get(id)
    const fault = call === undefined ? 'nobody sent it' : this.#faultOf(call, request)
    if (fault !== undefined) this.saw(`${id}: ${fault}`)
  }

  #faultOf({ kind, tokenId, use }: Sent, { headers }: Pick<Seen, 'headers'>): string | undefined {
    this.reached[kind]++
    if (kind !== 'fresh' && kind !== 'again') return `a call that must not pass: ${kind}`
    if (headers['x-oathmesh-decision'] !== 'allow') return 'it was not allowed'
    if (headers['x-oathmesh-token-id'] !== tokenId) return 'it is not of its token'
    if (headers.authorization !== undefined) return 'it has its token with it'
    if (use === undefined) return 'nothing is known of its token'
    use.passes++
    if (use.passes === 1) this.#passed.push(tokenId)
    if (this.#passed.length > KEPT) this.#forget(this.#passed.splice(0, KEPT / 10))
    // The line of a decision is written before it is applied.
    return use.passes - use.degraded > 1 ? 'its token has passed twice' : undefined
  }

  /** A line of the gateway's log. */
  logged(line: string): void {
    if (LOST_LINES.test(line)) this.lossReports++
    const use = this.#uses.get(DEGRADED_LINE.exec(line)?.[1] ?? '')
    if (use === undefined) return
    use.degraded++
    this.degraded++
  }

  /** Something other than a call is not as it must be. */
  saw(fault: string): void {
    this.violations.push(`${new Date().toISOString()} ${fault}`)
  }

  /** The call has been answered and is not going to arrive any more. */
  answered({ id, kind }: WalkCall): void {
    const { tokenId = '', use } = this.#calls.get(id) ?? {}
    this.#calls.delete(id)
    if (use === undefined) return
    use.pending--
    // What has not passed is not tried again.
    const isOver = use.isOld || (kind === 'fresh' && use.passes === 0)
    if (isOver && use.pending === 0) this.#uses.delete(tokenId)
  }

  #forget(tokenIds: readonly string[]): void {
    for (const tokenId of tokenIds) {
      const use = this.#uses.get(tokenId)
      if (use === undefined) continue
      use.isOld = true
      if (use.pending === 0) this.#uses.delete(tokenId)
    }
  }

  #headers(kind: Kind, jti: string, chance: number): readonly string[] {
    const now = Math.floor(Date.now() / 1000)
    const authorization = (token: string) => ['Authorization', `OathMesh ${token}`]
    if (kind === 'none') return []
    if (kind === 'spoofed') return ['X-OathMesh-Decision', 'allow', 'x_oathmesh_token_id', jti]
    if (kind === 'forged') return authorization(freshToken({ jti }, KEYS.stranger))
    if (kind === 'denied') return authorization(freshToken({ jti, sub: DENIED }))
    if (kind === 'expired')
      return authorization(freshToken({ jti, iat: now - 7300, exp: now - 7200 }))
    const known = this.#uses.get(jti)
    if (known !== undefined) return authorization(known.token)
    // Some live for seconds, so that records end while their tokens are tried again.
    const token = freshToken({ jti, iat: now, exp: now + 2 + Math.floor(chance * 200) })
    this.#uses.set(jti, { token, passes: 0, degraded: 0, pending: 0, isOld: false })
    return authorization(token)
  }
}

function counts(): Record<Kind, number> {
  return { fresh: 0, again: 0, forged: 0, expired: 0, denied: 0, none: 0, spoofed: 0 }
}
