import type { Walk } from '../lib/explain/walk.ts'
import type { AnswerView, GatewayChoice, Play, PlayId, Wanted } from './story.ts'

export type Minted =
  | { readonly outcome: 'minted'; readonly token: string }
  /** In words for a reader; holds no credential. */
  | { readonly outcome: 'refused'; readonly why: string }

/** What was seen of one call besides its answer. */
export interface Sighting {
  /** The audit line, one JSON object. */
  readonly audit?: string
  /** Headers as the upstream got them; `not_reached`, or `unseen` where nobody can tell. */
  readonly upstream: readonly (readonly [name: string, value: string])[] | 'not_reached' | 'unseen'
}

export interface StageGateway extends GatewayChoice {
  /** Where the calls go, path included. */
  readonly url: string
  /** What remembers used tokens, as a finding names it. */
  readonly store: string
  /** Whether every decision leaves an audit line that `watch` finds. */
  readonly audited: boolean
  /** Begins to watch; what it resolves to is what was seen since, of the token of this id. */
  watch(): (call: Answered) => Promise<Sighting>
}

/** A call that has its answer. */
export interface Answered {
  readonly tokenId: string
  /** Whether the answer says that the call was decided on: then there is an audit line to wait for. */
  readonly decided: boolean
  /** Whether the answer is a refusal of OathMesh. */
  readonly refused: boolean
  readonly answer: AnswerView
}

/** Something that can be taken away. `undo` brings it back and says how. */
export interface Outage {
  readonly done: string
  undo(): Promise<string>
}

/** The real parts that the explorer plays with. Whoever opens it has started them. */
export interface Stage {
  readonly issuer: string
  readonly gateways: readonly (StageGateway | (GatewayChoice & { readonly missing: string }))[]
  readonly plays: readonly Play[]
  readonly wanted: Wanted
  readonly sources: readonly string[]
  mint(wanted: Wanted, clockOffSeconds: number): Promise<Minted>
  /** The steps that the gateway runs, with its configuration, as of `at` in milliseconds since the epoch. */
  explain(token: string, target: string, at: number): Promise<Walk>
  /** Takes away what the play is about. Asked for plays of `plays` only. */
  outage?(play: PlayId, gateway: string): Promise<Outage>
}
