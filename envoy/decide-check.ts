import { type Answer, Denial, type Log, type Stopwatch, valuesOf } from '../lib/index.ts'
import { type ClientKind, toCheckResponse } from './answer.ts'
import { DENIED, encodeAnswer } from './encode-answer.ts'
import type { Lateness } from './lateness.ts'
import type { NamedPolicies, NamedPolicy } from './named-policy.ts'
import { PARTIAL_HEADER } from './read-body.ts'
import { type CallTerms, EnvoyCall } from './read-call.ts'
import { UnknownPolicy } from './unknown-policy.ts'
import { type CheckRequest, readCheckRequest } from './wire/check-request.ts'

export interface DeciderOptions extends CallTerms {
  readonly policies: NamedPolicies
  readonly lateness: Lateness
  readonly log: Log
  readonly stopwatch: Stopwatch
  /** Takes the audit line of a decision where the configuration has none other for it. */
  readonly print: (line: string) => void
  /** Checks in progress; what comes beyond is refused. */
  readonly maxPending: number
}

/** Envoy's own rule for whether a client speaks gRPC; gRPC-Web is answered in HTTP. */
const GRPC = /^application\/grpc(?:\+|$)/

/** Decides on calls for any number of policies. */
export class CheckDecider {
  readonly #options: DeciderOptions
  readonly #unknown: UnknownPolicy
  #pending = 0

  constructor(options: DeciderOptions) {
    this.#options = options
    this.#unknown = new UnknownPolicy(options.log, options.stopwatch)
  }

  /** Calls that are being decided. */
  get pending(): number {
    return this.#pending
  }

  /** Never rejects, and never gives bytes that Envoy takes for an allow that was not decided. */
  async decide(bytes: Uint8Array, timeoutMs: number): Promise<Buffer> {
    const { log } = this.#options
    try {
      const request = readCheckRequest(bytes)
      const answer = await this.answer(request, timeoutMs)
      return encodeAnswer(toCheckResponse(answer, clientKind(request)), log)
    } catch (cause) {
      log.error('a Check could not be answered, the call was refused', {
        cause: cause instanceof Error ? cause.message : String(cause),
      })
      return DENIED
    }
  }

  /** The core's answer, its audit line written. `timeoutMs`: how long whoever asks still waits. */
  async answer(request: CheckRequest, timeoutMs: number): Promise<Answer> {
    this.#pending += 1
    try {
      const call = new EnvoyCall(request, this.#options)
      const answer = await this.#answer(request, call, timeoutMs)
      if (answer.logLine !== undefined) this.#options.print(answer.logLine)
      return answer
    } finally {
      this.#pending -= 1
    }
  }

  async #answer(request: CheckRequest, call: EnvoyCall, timeoutMs: number): Promise<Answer> {
    const { policies } = this.#options
    const name = request.extensions.get('oathmesh')
    const policy = name === undefined ? undefined : policies.get(name)
    if (policy === undefined) return this.#unknown.refuse(name, policies.keys())
    const why = this.#cannotWait(request, call, policy, timeoutMs)
    if (why === undefined) return policy.gateway.decide(call)
    return policy.gateway.refuse(call, new Denial('deadline_exceeded', { detail: why }))
  }

  /** Why a Check is refused before anything about its token is looked at, so that none is spent for nobody. */
  #cannotWait(
    { receivedAt }: CheckRequest,
    { headers }: EnvoyCall,
    { deadlineMs }: NamedPolicy,
    timeoutMs: number,
  ): string | undefined {
    const { lateness, maxPending } = this.#options
    if (this.#pending > maxPending) return `more than ${maxPending} Checks at once`
    const buffered = valuesOf(headers, PARTIAL_HEADER).length > 0
    return lateness.of({ receivedAt, timeoutMs, deadlineMs, buffered })
  }
}

function clientKind({ headers }: CheckRequest): ClientKind {
  return headers.some(([name, value]) => name === 'content-type' && GRPC.test(value))
    ? 'grpc'
    : 'http'
}
