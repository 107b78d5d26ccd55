import type { Body, Call, RequestLine } from '../call.ts'

/**
 * The call as far as it has been described. A step that asks for what nobody gave is noted: its verdict
 * is then none.
 */
export class GivenCall implements Call {
  readonly authorization: readonly string[]
  readonly #line: RequestLine | undefined
  readonly #body: Buffer
  lacking = false

  constructor(authorization: string, line: RequestLine | undefined, body: Buffer) {
    this.authorization = [authorization]
    this.#line = line
    this.#body = body
  }

  async requestLine(): Promise<RequestLine> {
    if (this.#line !== undefined) return this.#line
    this.lacking = true
    throw new ReferenceError('no request was given')
  }

  async body(maxBytes: number): Promise<Body> {
    // Without a request nobody has said that its body is empty.
    await this.requestLine()
    if (this.#body.length > maxBytes) return { kind: 'over_limit' }
    return { kind: 'bytes', bytes: this.#body }
  }
}
