import type { Source } from '../../lib/token/claims.ts'
import { isSubject } from '../../lib/token/subject.ts'
import type { MintCaller } from '../mint-caller.ts'
import { refuse } from '../refusal.ts'
import { hasPlainSegments } from '../subject-segments.ts'
import { at } from './at.ts'
import { cutText } from './cut-text.ts'
import type { IdentityToken } from './identity-token.ts'
import type { ProviderCheck } from './provider-check.ts'
import { ABSENT, sourceTemplate, subjectTemplate, type Template } from './template.ts'

const SOURCE_MEMBERS = ['type', 'repo', 'workflow', 'run_id', 'sha'] as const
const MAX_SOURCE_LENGTH = 256

interface MappingSettings {
  /** Of the provider. */
  readonly name: string
  /** Template of `sub`. */
  readonly subject: string
  /** Templates of the members of `src`. */
  readonly source: Source
}

/** Names a workload in our terms by the claims of its identity token. */
export class WorkloadMapping {
  readonly #name: string
  readonly #subject: Template
  readonly #source: readonly (readonly [member: keyof Source, template: Template])[]

  /** Throws `TypeError` that begins with the field below `path`. */
  constructor({ name, subject, source }: MappingSettings, path: string) {
    this.#name = name
    this.#subject = at(`${path}.subject`, () => subjectTemplate(subject))
    this.#source = SOURCE_MEMBERS.flatMap((member) => {
      const text = source[member]
      if (text === undefined) return []
      return [[member, at(`${path}.source.${member}`, () => sourceTemplate(text))] as const]
    })
  }

  /** The workload, with a subject of the grammar in which no segment is empty, `.` or `..`. Refuses `oidc_unmappable`. */
  callerOf({ claims }: IdentityToken): MintCaller {
    const sub = this.#render('subject', this.#subject, claims)
    if (sub === undefined) refuse('oidc_unmappable', { detail: `${this.#name}: subject` })
    if (!isSubject(sub) || !hasPlainSegments(sub)) {
      refuse('oidc_unmappable', {
        detail: `${this.#name}: subject: "${sub}" is no subject, or has an empty, . or .. segment`,
      })
    }
    const src: { -readonly [K in keyof Source]: Source[K] } = {}
    for (const [member, template] of this.#source) {
      const text = this.#render(`source.${member}`, template, claims)
      if (text !== undefined) src[member] = cutText(text, MAX_SOURCE_LENGTH)
    }
    const identity = Object.keys(src).length === 0 ? { sub } : { sub, src }
    return { name: `oidc:${this.#name}`, limitKey: `oidc:${this.#name} ${sub}`, identity }
  }

  /** The mapping as a check, for explanations. */
  readonly check: ProviderCheck = {
    name: 'mapping',
    run: (token) => this.callerOf(token).identity?.sub ?? '',
  }

  /** `undefined` for a member of `src` whose claim the token lacks. */
  #render(member: string, template: Template, claims: unknown): string | undefined {
    const rendering = template(claims)
    if ('text' in rendering) return rendering.text
    const { claim, fault } = rendering
    if (fault === ABSENT && member !== 'subject') return undefined
    refuse('oidc_unmappable', {
      field: claim,
      detail: `${this.#name}: ${member}: claim "${claim}" ${fault}`,
    })
  }
}
