import { GATES, gateAt } from './gates.ts'
import type { Sighting, StageGateway } from './stage.ts'
import type { AnswerView, PlayId, Story } from './story.ts'
import type { GatesTold } from './tell-gates.ts'
import { tokenView } from './token-view.ts'
import type { Verdict } from './verdict.ts'

/** One call as it went. */
export interface Told {
  readonly play: PlayId
  readonly gateway: StageGateway
  readonly token: string
  readonly changed: readonly string[]
  readonly notes: readonly string[]
  readonly target: string
  readonly answer: AnswerView
  readonly verdict: Verdict
}

/** Everything the page shows of one call. */
export function tellStory(told: Told & GatesTold & { readonly sighting: Sighting }): Story {
  const { gateway, token, verdict, sighting, answer } = told
  const view = tokenView(token, told.changed)
  const { upstream, audit } = sighting
  return {
    play: told.play,
    gateway: gateway.id,
    outcome: verdict.outcome,
    ...wordsOf(told),
    notes: told.notes,
    token: view,
    request: {
      line: `GET ${told.target}`,
      headers: [['Authorization', `OathMesh ${view.segments.join('.')}.…`]],
    },
    answer,
    gates: told.gates,
    upstreamReached: upstream === 'unseen' ? 'unseen' : upstream !== 'not_reached',
    ...(typeof upstream !== 'string' && { upstream }),
    ...(audit !== undefined && { audit }),
    ...(verdict.tookUs !== undefined && { tookUs: verdict.tookUs }),
    ...(told.differs !== undefined && { differs: told.differs }),
  }
}

/** The story of a token that was never minted: nothing reached the gateway. */
export function tellNotMinted(told: {
  readonly play: PlayId
  readonly gateway: string
  readonly why: string
  readonly notes: readonly string[]
}): Story {
  return {
    play: told.play,
    gateway: told.gateway,
    outcome: 'not_minted',
    headline: 'Not minted: the issuer refused',
    detail: 'Nothing was sent to the gateway. What the issuer mints for whom is its own policy.',
    notes: told.notes,
    mintRefusal: told.why,
    gates: GATES.map((gate) => ({ ...gate, outcome: 'not_reached', findings: [] })),
    upstreamReached: false,
  }
}

function wordsOf({ verdict, answer, gateway }: Told): Pick<Story, 'headline' | 'detail'> {
  const { status } = answer
  switch (verdict.outcome) {
    case 'allow':
      return {
        headline: `Allowed: all ${GATES.length} steps passed`,
        detail: verdict.degraded
          ? 'Degraded: the store is away, and the gateway went by what it had verified itself.'
          : `${status} from the upstream. It knows who called, and got no credential.`,
      }
    case 'deny':
      return {
        headline: `Refused ${placeOf(verdict.step)}. ${verdict.message ?? ''}`.trim(),
        detail: [`${status} ${verdict.reason ?? ''}`.trim(), verdict.fix]
          .filter(Boolean)
          .join('. '),
      }
    case 'no_decision':
      return {
        headline: `Refused by ${gateway.label} itself: ${status}`,
        detail: `${gateway.decider} was not there to decide, so no step ran, and nothing got through.`,
      }
    case 'unknown':
      return {
        headline: `Answered with ${status}, and not by OathMesh`,
        detail:
          'No decision of the gateway is to be seen. The steps are what the token would meet.',
      }
  }
}

function placeOf(step: number | undefined): string {
  return gateAt(step) < 0 ? 'before step 1' : `at step ${step}`
}
