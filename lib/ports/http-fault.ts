/**
 * Why there is no answer to use: `no_answer` for a peer that cannot be reached, trusted or waited
 * for; `unusable_answer` for one that answered outside the limits. The message is for operators.
 */
export class HttpFault extends Error {
  readonly kind: 'no_answer' | 'unusable_answer'

  constructor(kind: 'no_answer' | 'unusable_answer', message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'HttpFault'
    this.kind = kind
  }
}
