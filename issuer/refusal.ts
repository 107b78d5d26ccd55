/** What a caller learns of a refusal. Messages are constants: no value and no fault of ours is in them. */
export interface IssuerAnswer {
  readonly code: string
  readonly status: number
  readonly message: string
  readonly fix: string
}

const OIDC =
  'Ask your CI or platform for a new identity token, for the audience this issuer expects.'
const REGISTER = 'Ask the operator of this issuer to admit this workload.'
const RETRY = 'Try again after the time in Retry-After.'
const FIELDS = 'Send sub, aud, act and what else the token needs, each once and of its type.'

const claim = (name: string) =>
  ({
    code: `claim_missing:${name}`,
    status: 400,
    message: `The request lacks "${name}".`,
    fix: `Send a non-empty "${name}".`,
  }) as const

/**
 * The one table of what this issuer refuses. The key is the `reason` of the audit line. Codes and
 * status of the first two groups are upstream's. Spec 13.
 */
// biome-ignore format: reads as a table
export const ISSUER_REFUSALS = {
  // The request
  content_type:         { code: 'invalid_content_type', status: 400, message: 'The body is not declared as JSON.', fix: 'Send Content-Type: application/json.' },
  body_syntax:          { code: 'invalid_request', status: 400, message: 'The body is not JSON in UTF-8 with unique member names.', fix: FIELDS },
  body_shape:           { code: 'invalid_request', status: 400, message: 'The body is not a request this issuer knows.', fix: FIELDS },
  body_too_large:       { code: 'invalid_request', status: 413, message: 'The body is larger than 64 KiB.', fix: FIELDS },
  token_too_large:      { code: 'invalid_request', status: 400, message: 'The token would be larger than verifiers accept.', fix: 'Ask for fewer or shorter claims.' },
  sub_missing:          claim('sub'),
  aud_missing:          claim('aud'),
  act_missing:          claim('act'),
  subject_grammar:      { code: 'invalid_subject', status: 400, message: 'The subject is not of the form scheme://name.', fix: 'Use agent://, svc://, job://, tool:// or user:// and the characters A–Z a–z 0–9 / _ . -' },
  subject_segments:     { code: 'invalid_subject', status: 400, message: 'The subject has an empty segment, or one that is . or ..', fix: 'Name every segment between the slashes after scheme://.' },
  route_unknown:        { code: 'not_found', status: 404, message: 'There is nothing here.', fix: 'See the documentation of the issuer for its routes.' },

  // The caller
  credentials_missing:  { code: 'mint_auth_required', status: 401, message: 'The request carries no credentials.', fix: 'Send Authorization: Bearer <OIDC token>, or Basic with a client name and secret.' },
  credentials_malformed:{ code: 'mint_auth_invalid', status: 401, message: 'The credentials are not of a kind this issuer knows.', fix: 'Send exactly one Authorization header, Bearer or Basic.' },
  credentials_wrong:    { code: 'mint_auth_denied', status: 403, message: 'The client name or secret is wrong.', fix: 'Use the secret that the operator of this issuer has given you.' },
  credentials_busy:     { code: 'mint_auth_busy', status: 503, message: 'Too many secrets are being checked.', fix: RETRY },

  // Identity tokens of workloads
  oidc_malformed:       { code: 'oidc_token_malformed', status: 401, message: 'The identity token is not a JWT.', fix: OIDC },
  oidc_algorithm:       { code: 'oidc_algorithm_not_allowed', status: 401, message: 'The identity token is unsigned or signed by an algorithm that is not accepted.', fix: OIDC },
  oidc_issuer:          { code: 'oidc_issuer_untrusted', status: 401, message: 'The identity token comes from a provider this issuer does not trust.', fix: REGISTER },
  oidc_key:             { code: 'oidc_key_unknown', status: 401, message: 'The identity token is signed by a key its provider does not publish.', fix: OIDC },
  oidc_signature:       { code: 'oidc_signature_invalid', status: 401, message: 'The signature of the identity token does not verify.', fix: OIDC },
  oidc_expired:         { code: 'oidc_token_expired', status: 401, message: 'The identity token has expired.', fix: OIDC },
  oidc_not_yet_valid:   { code: 'oidc_token_not_yet_valid', status: 401, message: 'The identity token is not valid yet.', fix: OIDC },
  oidc_audience:        { code: 'oidc_audience_mismatch', status: 401, message: 'The identity token is meant for another audience.', fix: OIDC },
  oidc_claim:           { code: 'oidc_claim_refused', status: 403, message: 'The workload is not one this issuer admits.', fix: REGISTER },
  oidc_unmappable:      { code: 'oidc_claim_unmappable', status: 403, message: 'A claim of the identity token cannot become part of a subject.', fix: 'Rename what the claim names, or ask the operator to map it by another template.' },
  oidc_unavailable:     { code: 'oidc_keys_unavailable', status: 503, message: 'The keys of the identity provider are not available.', fix: RETRY },

  // What the caller may do
  mint_policy:          { code: 'mint_denied', status: 403, message: 'The mint policy does not allow this token.', fix: 'Ask the operator of this issuer for a rule that allows it.' },
  mint_unbounded:       { code: 'mint_denied', status: 403, message: 'The mint policy does not allow a claim of this token.', fix: 'Leave the claim out, or ask the operator for a rule that names it.' },
  subject_foreign:      { code: 'mint_denied', status: 403, message: 'The subject is not the one of the identity token.', fix: 'Leave "sub" out: it comes from the identity token.' },
  source_foreign:       { code: 'mint_denied', status: 403, message: 'The source comes from the identity token and cannot be stated.', fix: 'Leave "src" out.' },
  provider_foreign:     { code: 'mint_denied', status: 403, message: 'The identity token is of another provider than this route is for.', fix: 'Use POST /v1/token.' },
  admin_policy:         { code: 'admin_denied', status: 403, message: 'The caller may not do this.', fix: 'Ask the operator of this issuer.' },
  rate_limited:         { code: 'rate_limited', status: 429, message: 'Too many requests.', fix: RETRY },

  // Revocation
  revocation_disabled:  { code: 'revocation_disabled', status: 400, message: 'This issuer has no revocation list.', fix: 'Configure redis.' },
  missing_subject:      { code: 'missing_subject', status: 400, message: 'The request lacks "sub".', fix: 'Send {"sub": …}.' },
  revocation_unavailable:{ code: 'internal_error', status: 503, message: 'The revocation list is not available.', fix: RETRY },

  // Us
  no_signing_key:       { code: 'mint_failed', status: 503, message: 'The issuer has no key to sign with.', fix: RETRY },
  internal_error:       { code: 'internal_error', status: 500, message: 'The request failed.', fix: 'Give the operator the request_id.' },
} as const satisfies Record<string, IssuerAnswer>

export type IssuerReason = keyof typeof ISSUER_REFUSALS

interface RefusalDetails {
  /** The member of the request that is at fault; goes to the client. */
  readonly field?: string | undefined
  /** For the audit line only. */
  readonly detail?: string | undefined
  readonly rule?: string | undefined
  readonly retryAfterSeconds?: number | undefined
  /** One of many refusals of one peer that need no audit line each. */
  readonly quiet?: boolean
  readonly cause?: unknown
}

/** One request that is not granted. */
export class IssuerRefusal extends Error {
  readonly reason: IssuerReason
  readonly details: RefusalDetails

  constructor(reason: IssuerReason, details: RefusalDetails = {}) {
    super(reason, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'IssuerRefusal'
    this.reason = reason
    this.details = details
  }

  get answer(): IssuerAnswer {
    return ISSUER_REFUSALS[this.reason]
  }
}

export function refuse(reason: IssuerReason, details?: RefusalDetails): never {
  throw new IssuerRefusal(reason, details)
}
