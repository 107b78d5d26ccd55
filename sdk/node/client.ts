import { requestHash } from '../../lib/binding/request-hash.ts'
import type { RequestLine } from '../../lib/call.ts'
import { isIdempotent, refusalOf, tokenFault, wasHeldBack } from './answers.ts'
import { type CheckedOptions, type ClientOptions, checkOptions } from './client-options.ts'
import type { ClientPorts } from './client-ports.ts'
import { IssuerSource } from './issuer-source.ts'
import { LocalSource } from './local-source.ts'
import { LostAnswer } from './lost-answer.ts'
import { patiently } from './patience.ts'
import { type FetchInput, type PreparedCall, prepareCall, requestLineOf } from './prepared-call.ts'
import { RefusedError } from './refused-error.ts'
import { TokenPool } from './token-pool.ts'
import type { TokenRequest, TokenSource } from './token-source.ts'

/** The request that a token is for, where it is sent by other means than `fetch`. */
export interface BoundRequest {
  readonly method: string
  /** As it will be requested: what a gateway sees of it is hashed. */
  readonly url: string | URL
  readonly body?: Uint8Array | string
}

/** Calls an API behind OathMesh, with one fresh token per request that is sent. */
export interface Client {
  /**
   * As the platform's `fetch`, but redirects come back as answers. Rejects with `MintError` when there
   * is no token to have. Answers of the gateway are answers: a refusal does not reject.
   */
  fetch(input: FetchInput, init?: RequestInit): Promise<Response>
  /**
   * What an answer of `fetch` says if it is a refusal of the gateway, and where what the API wants differs from
   * what this client mints: an error to throw. `undefined` for any other answer. The body stays readable; it must
   * not have been read.
   */
  refusal(answer: Response): Promise<RefusedError | undefined>
  /** The value of `Authorization` for one request. With `binding`, `request` says for which. */
  authorization(request?: BoundRequest): Promise<string>
}

/** Makes a client. Throws `TypeError` that names the option at fault; asks nothing of anybody yet. */
export function clientOf(options: ClientOptions, ports: ClientPorts): Client {
  return new MintingClient(checkOptions(options), ports)
}

class MintingClient implements Client {
  readonly #options: CheckedOptions
  readonly #ports: ClientPorts
  readonly #source: TokenSource
  readonly #pool: TokenPool

  constructor(options: CheckedOptions, ports: ClientPorts) {
    this.#options = options
    this.#ports = ports
    this.#source = sourceOf(options, ports)
    this.#pool = new TokenPool({
      source: this.#source,
      request: options,
      size: options.prefetch,
      clock: ports.clock,
    })
  }

  async fetch(input: FetchInput, init?: RequestInit): Promise<Response> {
    const call = await prepareCall(input, init, this.#options.binding !== 'off')
    try {
      const answer = await this.#send(call)
      if (call.body === undefined) return answer
      const fault = await tokenFault(answer)
      if (fault === 'too_old') this.#pool.clear()
      if (fault === undefined || (fault === 'lost' && !isIdempotent(call.method))) return answer
      await answer.body?.cancel()
    } catch (cause) {
      if (!(cause instanceof LostAnswer) || !mayTryAgain(call)) LostAnswer.unwrap(cause)
    }
    return this.#send(call).catch(LostAnswer.unwrap)
  }

  async refusal(answer: Response): Promise<RefusedError | undefined> {
    const body = await refusalOf(answer)
    return body && new RefusedError(answer.status, body, this.#options)
  }

  async authorization(request?: BoundRequest): Promise<string> {
    if (this.#options.binding === 'off') return `OathMesh ${await this.#pool.take()}`
    if (request === undefined) throw new TypeError('authorization: binding needs the request')
    const line = requestLineOf(request.method, request.url)
    return `OathMesh ${await this.#token(line, Buffer.from(request.body ?? ''))}`
  }

  #send(call: PreparedCall): Promise<Response> {
    const { retries, longestWaitMs } = this.#options
    return patiently({
      // What streams by cannot be sent twice.
      patience: { retries: call.body === undefined ? 0 : retries, longestWaitMs },
      wait: this.#ports.wait,
      signal: call.signal,
      send: async () => {
        const token = await this.#token(call.line, call.body ?? new Uint8Array(), call.signal)
        const request = call.withToken(token)
        try {
          return await this.#ports.fetch(request)
        } catch (cause) {
          throw new LostAnswer(cause)
        }
      },
      mayRepeat: async (answer) =>
        answer.status === 503 && (isIdempotent(call.method) || (await wasHeldBack(answer))),
    })
  }

  async #token(line: RequestLine, body: Uint8Array, signal?: AbortSignal): Promise<string> {
    const { binding } = this.#options
    if (binding === 'off') return this.#pool.take(signal)
    const request: TokenRequest = {
      ...this.#options,
      requestHash: requestHash(binding, line, body),
    }
    return (await this.#source.mint(request, signal)).token
  }
}

/** Whether a call whose answer is lost can be made again, and is harmless when made twice. */
function mayTryAgain({ body, signal, method }: PreparedCall): boolean {
  return body !== undefined && !signal.aborted && isIdempotent(method)
}

function sourceOf(options: CheckedOptions, ports: ClientPorts): TokenSource {
  const { issuer, origin, retries, longestWaitMs, timeoutMs } = options
  if (origin.kind === 'key') return new LocalSource({ issuer, key: origin.key, clock: ports.clock })
  const patience = { retries, longestWaitMs }
  return new IssuerSource({ issuer, credential: origin.credential, patience, timeoutMs, ports })
}
