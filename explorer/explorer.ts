import { GATES } from './gates.ts'
import { send } from './send.ts'
import type { Minted, Outage, Stage, StageGateway } from './stage.ts'
import type { PlayId, Scenery, Story, Wanted } from './story.ts'
import { tellGates } from './tell-gates.ts'
import { type Told, tellNotMinted, tellStory } from './tell-story.ts'
import { claimOf, tampered } from './token-view.ts'
import { decidedBy, verdictOf } from './verdict.ts'

/** What the page asks for; already checked. */
export interface PlayRequest {
  readonly play: PlayId
  readonly gateway: string
  readonly wanted: Wanted
  /** For `clock_skew`. */
  readonly clockOffSeconds: number
}

/** An action that no rule of a demo allows, and that its issuer may mint all the same. */
const DENIED_ACTION = 'payments.refund'
const IMPOSTOR = 'agent://ci/admin'

/** Plays one thing at a time on a stage, and tells what really happened. Holds the last token; gives it to nobody. */
export class Explorer {
  readonly #stage: Stage
  #lastToken: string | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(stage: Stage) {
    this.#stage = stage
  }

  get scenery(): Scenery {
    const { issuer, gateways, plays, wanted, sources } = this.#stage
    return {
      issuer,
      request: `GET ${targetOf(gateways.find(isThere)?.url ?? 'http://nowhere/')}`,
      gateways: gateways.map(({ id, label, decider, missing }) => ({
        ...{ id, label, decider },
        ...(missing !== undefined && { missing }),
      })),
      plays,
      wanted,
      gates: GATES,
      sources,
    }
  }

  /** Throws `RangeError` for a play or a gateway that this stage does not have. */
  play(request: PlayRequest): Promise<Story> {
    const gateway = this.#stage.gateways.filter(isThere).find(({ id }) => id === request.gateway)
    if (gateway === undefined) throw new RangeError('gateway: not on this stage')
    if (!this.#stage.plays.some(({ id }) => id === request.play)) {
      throw new RangeError('play: not on this stage')
    }
    const told = this.#turn.then(() => this.#perform(request, gateway))
    this.#turn = told.catch(() => {})
    return told
  }

  async #perform(request: PlayRequest, gateway: StageGateway): Promise<Story> {
    const { play, wanted } = request
    if (play === 'replay') return this.#again(request, gateway)
    const off = play === 'clock_skew' ? request.clockOffSeconds : 0
    const claims = play === 'policy' ? { ...wanted, act: DENIED_ACTION } : wanted
    const minted = await this.#stage.mint(claims, off)
    const notes = off === 0 ? [] : [`The issuer minted with its clock off by ${off} s.`]
    if (minted.outcome === 'refused') return this.#notMinted(request, minted, notes)
    if (play === 'tamper') return this.#tampered(request, gateway, minted.token)
    if (play !== 'dead_store' && play !== 'dead_decider') {
      return this.#call(request, gateway, minted.token, notes)
    }
    return this.#during(request, gateway, minted.token)
  }

  /** Sends while something is away, and brings it back whatever came of it. */
  async #during(request: PlayRequest, gateway: StageGateway, token: string): Promise<Story> {
    const outage = await this.#stage.outage?.(request.play, gateway.id)
    if (outage === undefined) throw new RangeError('play: not on this stage')
    const before = [`Minted a fresh token. Then ${outage.done}.`]
    let story: Story
    try {
      story = await this.#call(request, gateway, token, before)
    } catch (cause) {
      await restored(outage)
      throw cause
    }
    return { ...story, notes: [...story.notes, await restored(outage)] }
  }

  async #again(request: PlayRequest, gateway: StageGateway): Promise<Story> {
    const last = this.#lastToken
    if (last !== undefined) {
      return this.#call(request, gateway, last, ['The token of the last call, once more.'])
    }
    const minted = await this.#stage.mint(request.wanted, 0)
    if (minted.outcome === 'refused') return this.#notMinted(request, minted, [])
    const first = await send(gateway.url, minted.token)
    const notes = [
      `A first call with a fresh token: ${first.status}. Then the same token once more.`,
    ]
    return this.#call(request, gateway, minted.token, notes)
  }

  #tampered(request: PlayRequest, gateway: StageGateway, token: string): Promise<Story> {
    const notes = [`sub was ${claimOf(token, 'sub')} when the issuer signed the token.`]
    return this.#call(request, gateway, tampered(token, IMPOSTOR), notes, ['sub'])
  }

  #notMinted({ play, gateway }: PlayRequest, minted: Minted, notes: readonly string[]): Story {
    const why = minted.outcome === 'refused' ? minted.why : ''
    return tellNotMinted({ play, gateway, why, notes })
  }

  async #call(
    { play }: PlayRequest,
    gateway: StageGateway,
    token: string,
    notes: readonly string[],
    changed: readonly string[] = [],
  ): Promise<Story> {
    // A token that somebody has altered is nothing to send again.
    if (changed.length === 0) this.#lastToken = token
    const seen = gateway.watch()
    const answer = await send(gateway.url, token)
    const sighting = await seen({ tokenId: claimOf(token, 'jti'), ...decidedBy(answer), answer })
    const verdict = verdictOf(answer, sighting.audit, gateway.audited)
    const target = targetOf(gateway.url)
    const walk = await this.#stage.explain(token, target, verdict.at ?? Date.now())
    const gates = tellGates(verdict, walk, gateway.store)
    const told: Told = { play, gateway, token, changed, notes, target, answer, verdict }
    return tellStory({ ...told, ...gates, sighting })
  }
}

function isThere(gateway: Stage['gateways'][number]): gateway is StageGateway {
  return gateway.missing === undefined
}

function targetOf(url: string): string {
  const { pathname, search } = new URL(url)
  return `${pathname}${search}`
}

/** What could not be brought back is said, and does not hide what was seen. */
function restored(outage: Outage): Promise<string> {
  return outage.undo().catch((cause: unknown) => `It did not come back: ${String(cause)}`)
}
