/** What the page is told, as JSON. Types alone, so that the page carries nothing of the server. */

/** What can be played; the first is an ordinary call. */
export type PlayId =
  | 'call'
  | 'replay'
  | 'tamper'
  | 'clock_skew'
  | 'policy'
  | 'dead_store'
  | 'dead_decider'

export interface Play {
  readonly id: PlayId
  readonly label: string
  /** One sentence: what will really happen. */
  readonly about: string
}

export interface GatewayChoice {
  readonly id: string
  readonly label: string
  /** The process that decides for it. */
  readonly decider: string
  /** Why it cannot be chosen, and what to do about it. */
  readonly missing?: string
}

/** The claims a person chooses. */
export interface Wanted {
  readonly sub: string
  readonly aud: string
  readonly act: string
  /** 1–300. */
  readonly ttlSeconds: number
}

/** What there is to play with. */
export interface Scenery {
  readonly issuer: string
  readonly request: string
  readonly gateways: readonly GatewayChoice[]
  readonly plays: readonly Play[]
  readonly wanted: Wanted
  /** Names of the gates in the order of execution. */
  readonly gates: readonly Gate[]
  /** Where findings and verdicts come from, for the reader. */
  readonly sources: readonly string[]
}

/** One of the fourteen steps: what stands under one label of the protocol. */
export interface Gate {
  readonly label: number
  readonly name: string
  /** What the stretch of the way is for that it belongs to, and in one word. */
  readonly group: string
  readonly stretch: string
}

export type GateOutcome = 'passed' | 'refused' | 'not_reached'

export interface GateStory extends Gate {
  readonly outcome: GateOutcome
  /** What it looked at; one phrase for each check under the label. */
  readonly findings: readonly string[]
}

/** A token as it may be shown: whole but for the signature, without which it opens nothing. */
export interface TokenView {
  readonly header: string
  readonly claims: string
  /** The first two segments as sent. */
  readonly segments: readonly [string, string]
  readonly signature: string
  /** Names of claims that somebody has changed after it was signed. */
  readonly changed: readonly string[]
}

export type Pair = readonly [name: string, value: string]

export interface AnswerView {
  readonly status: number
  readonly headers: readonly Pair[]
  readonly body: string
}

/**
 * - `allow`, `deny`: the gateway's decision.
 * - `not_minted`: the issuer refused; nothing was sent.
 * - `no_decision`: the gateway answered by itself; no step ran.
 * - `unknown`: the answer is not OathMesh's, and there is no audit line to tell.
 */
export type Outcome = 'allow' | 'deny' | 'not_minted' | 'no_decision' | 'unknown'

export interface Story {
  readonly play: PlayId
  readonly gateway: string
  readonly outcome: Outcome
  /** The result in one sentence, to be announced. */
  readonly headline: string
  /** What else there is to know: what to do, or what it means. */
  readonly detail: string
  /** What was done around the call, in order. */
  readonly notes: readonly string[]
  readonly token?: TokenView
  readonly mintRefusal?: string
  readonly request?: { readonly line: string; readonly headers: readonly Pair[] }
  readonly answer?: AnswerView
  readonly gates: readonly GateStory[]
  /** Microseconds the decision took. */
  readonly tookUs?: number
  /** Headers that reached the upstream; absent where it was not reached or cannot be seen. */
  readonly upstream?: readonly Pair[]
  readonly upstreamReached: boolean | 'unseen'
  readonly audit?: string
  /** Set where the steps, run again, came to something else than the gateway. */
  readonly differs?: string
}
