import { escapeControls } from '../../lib/escape-controls.ts'
import type { JsonObject } from '../../lib/token/members.ts'
import type { CheckedOptions } from './client-options.ts'

/** Longest text taken over from an answer. */
const TEXT_LENGTH = 300

/** What an API wants of tokens, as far as its gateway says so. */
export interface WantedToken {
  /** Any of these may have issued it. */
  readonly issuers: readonly string[]
  readonly audience: string | undefined
  /** The mode in which `rqh` is checked. */
  readonly binding: string | undefined
}

/** A refusal of the gateway. Texts are the gateway's, bounded, and with nothing in them that acts on a terminal. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly status: number
  /** The gateway's word for it, such as `audience_mismatch`; match on this. */
  readonly code: string
  readonly step: number | undefined
  readonly requestId: string | undefined
  /** With 401, unless the gateway keeps it to itself. */
  readonly wanted: WantedToken | undefined

  constructor(status: number, body: JsonObject, minted: Minted) {
    const wanted = status === 401 ? wantedIn(body) : undefined
    const said = [textOf(body['message']), textOf(body['fix'])].filter(Boolean)
    super(
      [`${status} ${textOf(body['error'])}:`, ...said, ...differences(wanted, minted)].join(' '),
    )
    this.status = status
    this.code = textOf(body['error']) ?? ''
    this.step = typeof body['step'] === 'number' ? body['step'] : undefined
    this.requestId = textOf(body['request_id'])
    this.wanted = wanted
  }
}

/** What this client mints. */
export type Minted = Pick<CheckedOptions, 'issuer' | 'audience' | 'binding'>

function wantedIn(body: JsonObject): WantedToken | undefined {
  const { issuer } = body
  const issuers = (Array.isArray(issuer) ? issuer : [issuer]).flatMap((name) => textOf(name) ?? [])
  const wanted = { issuers, audience: textOf(body['audience']), binding: textOf(body['binding']) }
  return issuers.length > 0 || wanted.audience || wanted.binding ? wanted : undefined
}

/** Where the two disagree, for whoever has to change the client's options. */
function differences(wanted: WantedToken | undefined, minted: Minted): readonly string[] {
  if (wanted === undefined) return []
  const { issuers, audience = minted.audience, binding = minted.binding } = wanted
  return [
    ...(issuers.length === 0 || issuers.includes(minted.issuer)
      ? []
      : [phrase('issuer', issuers.join(' or '), minted.issuer)]),
    ...(audience === minted.audience ? [] : [phrase('audience', audience, minted.audience)]),
    ...(binding === minted.binding ? [] : [phrase('binding', binding, minted.binding)]),
  ]
}

function phrase(option: string, wanted: string, minted: string): string {
  return `The API wants ${option} ${wanted}; this client has ${minted}.`
}

function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  return escapeControls(value.slice(0, TEXT_LENGTH))
}
