/** What a caller, an operator and a log line each get to know of one cause of refusal. */
export interface Refusal {
  /** Machine-readable, part of the contract with callers. Spec 3.3. */
  readonly code: string
  readonly status: 400 | 401 | 403 | 413 | 503
  /** Constant text: no claim value, URL or driver message ever reaches a client (W-15). */
  readonly message: string
  /** What the caller, or whoever runs the gateway, can do about it. */
  readonly fix: string
}

const MINT = 'Mint a new token and send it once.'
const MALFORMED = 'The token is not a well-formed om+jwt.'
const FORMAT = 'Mint the token with an OathMesh issuer, CLI or SDK and send it unchanged.'
const UNTRUSTED = 'The token was not issued by an issuer this API trusts.'
const TRUST = 'Use an issuer that the operator of this API has configured, and a key it publishes.'
const ALGORITHM = 'Sign with EdDSA over Ed25519 and a key published for it.'
const HEADER = 'Send exactly one header "Authorization: OathMesh <token>".'
const RETRY = 'Retry after the time in Retry-After; mint a new token if this one has expired.'
const BINDING = 'Compute rqh over this exact request, in the mode this API uses, and mint again.'

const claim = (name: string) =>
  ({
    code: `claim_missing:${name}`,
    status: 401,
    message: `The token lacks the required claim "${name}".`,
    fix: `Mint the token with a non-empty "${name}".`,
  }) as const

/**
 * The one table of refusals. The key is the stable word that the audit line gives as `reason`;
 * `policy` is followed there by `:` and the name of the rule.
 */
// biome-ignore format: reads as a table
export const REFUSALS = {
  // Before step 1: the header
  authorization_missing:      { code: 'claim_missing:token', status: 401, message: 'The request carries no OathMesh token.', fix: HEADER },
  authorization_ambiguous:    { code: 'claim_missing:token', status: 401, message: 'The request carries more than one Authorization value.', fix: HEADER },
  scheme_unsupported:         { code: 'claim_missing:token', status: 401, message: 'The Authorization scheme is not OathMesh.', fix: HEADER },
  hop_by_hop_identity:        { code: 'verification_failed', status: 400, message: 'The Connection header names a header that must stay.', fix: 'Name no identity, authorization or framing header in Connection.' },
  too_many_headers:           { code: 'verification_failed', status: 400, message: 'The request has too many headers.', fix: 'Send fewer than 1000 header fields.' },

  // Steps 1–3: the token
  token_too_long:             { code: 'token_malformed', status: 401, message: 'The token is longer than this API accepts.', fix: 'Mint a token with fewer or shorter claims.' },
  segment_count:              { code: 'token_malformed', status: 401, message: MALFORMED, fix: FORMAT },
  header_encoding:            { code: 'token_malformed', status: 401, message: MALFORMED, fix: FORMAT },
  header_json:                { code: 'token_malformed', status: 401, message: MALFORMED, fix: FORMAT },
  alg_none:                   { code: 'algorithm_not_allowed', status: 401, message: 'Unsigned tokens are not accepted.', fix: ALGORITHM },
  alg_unsupported:            { code: 'algorithm_not_allowed', status: 401, message: 'The signature algorithm is not accepted.', fix: ALGORITHM },
  typ_mismatch:               { code: 'token_malformed', status: 401, message: 'The token type is not om+jwt.', fix: FORMAT },
  crit_present:               { code: 'token_malformed', status: 401, message: 'The token uses a critical header extension.', fix: FORMAT },
  payload_encoding:           { code: 'token_malformed', status: 401, message: MALFORMED, fix: FORMAT },
  payload_json:               { code: 'token_malformed', status: 401, message: MALFORMED, fix: FORMAT },

  // Steps 4, 11, 5–7: who signed it
  issuer_unknown:             { code: 'issuer_untrusted', status: 401, message: UNTRUSTED, fix: TRUST },
  sub_missing:                claim('sub'),
  aud_missing:                claim('aud'),
  act_missing:                claim('act'),
  iat_missing:                claim('iat'),
  exp_missing:                claim('exp'),
  jti_missing:                claim('jti'),
  subject_grammar:            { code: 'claim_missing:sub', status: 401, message: 'The subject is not of the form scheme://name.', fix: 'Use agent://, svc://, job://, tool:// or user:// and the characters A–Z a–z 0–9 / _ . -' },
  kid_missing:                { code: 'issuer_untrusted', status: 401, message: UNTRUSTED, fix: TRUST },
  kid_unknown:                { code: 'issuer_untrusted', status: 401, message: UNTRUSTED, fix: TRUST },
  jwks_invalid:               { code: 'issuer_untrusted', status: 401, message: UNTRUSTED, fix: TRUST },
  issuer_unreachable:         { code: 'verification_failed', status: 503, message: 'The keys of the issuer are not available.', fix: RETRY },
  alg_key_mismatch:           { code: 'algorithm_not_allowed', status: 401, message: 'The signature algorithm does not fit the key.', fix: ALGORITHM },
  signature_encoding:         { code: 'signature_invalid', status: 401, message: 'The signature does not verify.', fix: FORMAT },
  bad_signature:              { code: 'signature_invalid', status: 401, message: 'The signature does not verify.', fix: FORMAT },
  issuer_not_for_subject:     { code: 'issuer_untrusted', status: 401, message: 'The issuer is not trusted for this subject.', fix: TRUST },

  // Steps 8–10, 12: is it meant for this moment, this API, this request
  exp_out_of_range:           { code: 'token_expired', status: 401, message: 'The token lives longer than this API accepts.', fix: 'Mint a token that lives at most five minutes.' },
  lifetime_too_long:          { code: 'token_expired', status: 401, message: 'The token lives longer than this API accepts.', fix: 'Mint a token that lives at most five minutes.' },
  lifetime_not_positive:      { code: 'token_expired', status: 401, message: 'The token expires before it was issued.', fix: MINT },
  expired:                    { code: 'token_expired', status: 401, message: 'The token has expired.', fix: MINT },
  issued_in_future:           { code: 'token_expired', status: 401, message: 'The token was issued in the future.', fix: 'Synchronise the clock of the issuer, then mint a new token.' },
  not_yet_valid:              { code: 'token_expired', status: 401, message: 'The token is not valid yet.', fix: 'Wait until its nbf, or synchronise the clock of the issuer.' },
  audience_mismatch:          { code: 'audience_mismatch', status: 401, message: 'The token is meant for another audience.', fix: 'Mint the token for the audience of this API.' },
  binding_required:           { code: 'binding_required', status: 401, message: 'This API accepts only tokens bound to the request.', fix: 'Mint the token with rqh for this request.' },
  binding_mismatch:           { code: 'binding_mismatch', status: 401, message: 'The token is bound to another request.', fix: BINDING },
  binding_syntax:             { code: 'binding_mismatch', status: 401, message: 'The request binding of the token is malformed.', fix: BINDING },
  binding_off:                { code: 'binding_mismatch', status: 401, message: 'This API cannot check the request binding of the token.', fix: 'Mint the token without rqh, or ask the operator to switch request binding on.' },
  body_unreadable:            { code: 'binding_mismatch', status: 401, message: 'The request body could not be read for the binding.', fix: BINDING },
  body_over_limit:            { code: 'binding_mismatch', status: 413, message: 'The request body is larger than this API binds.', fix: 'Send a smaller body, or a token without rqh where binding is not required.' },

  // Step 13: may it still be used
  subject_revoked:            { code: 'subject_revoked', status: 403, message: 'The subject has been revoked.', fix: 'Ask the operator of this API to lift the revocation.' },
  jti_replay:                 { code: 'replay_detected', status: 401, message: 'The token has been used before.', fix: MINT },
  replay_history_unknown:     { code: 'verification_failed', status: 401, message: 'Whether the token has been used before is not known.', fix: MINT },
  replay_store_full:          { code: 'verification_failed', status: 503, message: 'The token cannot be checked for replay now.', fix: RETRY },
  replay_store_unavailable:   { code: 'verification_failed', status: 503, message: 'The token cannot be checked for replay now.', fix: RETRY },

  // Step 14: may it do this
  policy:                     { code: 'policy_denied', status: 403, message: 'Policy does not allow this call.', fix: 'Ask the operator of this API for a rule that allows it.' },
  policy_not_loaded:          { code: 'verification_failed', status: 503, message: 'The policy of this API is not available.', fix: RETRY },
  action_mismatch:            { code: 'policy_denied', status: 403, message: 'The action of the token does not fit this request.', fix: 'Mint the token for the action that this route requires.' },
  scope_missing:              { code: 'policy_denied', status: 403, message: 'The token lacks a scope that this request requires.', fix: 'Mint the token with the scopes that this route requires.' },
  consumer_unknown:           { code: 'policy_denied', status: 403, message: 'The caller is not known to this gateway as a consumer.', fix: 'Ask the operator of this API to create a consumer for the caller.' },

  // Any step
  deadline_exceeded:          { code: 'verification_failed', status: 503, message: 'The token could not be verified in time.', fix: RETRY },
  internal_error:             { code: 'verification_failed', status: 401, message: 'The token could not be verified.', fix: 'Mint a new token; if that does not help, give the operator the request_id.' },
} as const satisfies Record<string, Refusal>

/** The audit word of a cause. */
export type Reason = keyof typeof REFUSALS

/** Every machine-readable code a caller can meet. */
export type Code = (typeof REFUSALS)[Reason]['code']

/** Protocol labels of the checks. They need not be in order of execution. Spec 3.1. */
export const STEP_LABELS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14] as const

export type StepLabel = (typeof STEP_LABELS)[number]

/** The label of an allowed call: it has passed every check. */
export const LAST_STEP: StepLabel = Math.max(...STEP_LABELS) as StepLabel

interface DenialDetails {
  /** For the log and the operator; never sent to the client. */
  readonly detail?: string | undefined
  /** The policy rule that decided. */
  readonly rule?: string | undefined
  readonly cause?: unknown
}

/** One refusal. Steps throw it; it never leaves `verify` as an exception. */
export class Denial extends Error {
  readonly reason: Reason
  readonly detail: string | undefined
  readonly rule: string | undefined
  #step: StepLabel | undefined

  constructor(reason: Reason, details: DenialDetails = {}, step?: StepLabel) {
    // Nobody looks where a refusal was thrown, and finding out would cost more than most checks. Whoever sends
    // refused calls must not be the one who keeps us busy. A fault within has a stack of its own.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(reason, details.cause === undefined ? undefined : { cause: details.cause })
    Error.stackTraceLimit = stackTraceLimit
    this.name = 'Denial'
    this.reason = reason
    this.detail = details.detail
    this.rule = details.rule
    this.#step = step
  }

  /** What was thrown, as a refusal of this step. An unknown fault refuses like any other. */
  static from(thrown: unknown, step?: StepLabel): Denial {
    if (!(thrown instanceof Denial)) return new Denial('internal_error', { cause: thrown }, step)
    thrown.#step ??= step
    return thrown
  }

  /** Set by the pipeline; absent for what is refused before step 1. */
  get step(): StepLabel | undefined {
    return this.#step
  }

  get refusal(): Refusal {
    return REFUSALS[this.reason]
  }

  /** The word for the audit line. */
  get auditReason(): string {
    return this.reason === 'policy' ? `policy:${this.rule}` : this.reason
  }
}

/** Refuses. `detail` is for the operator only. */
export function deny(reason: Reason, detail?: string): never {
  throw new Denial(reason, { detail })
}
