import type { Body } from '../../../lib/index.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** The body of a Fetch `Request`, read for its binding and given to whoever handles the request. */
export class FetchBody {
  readonly #request: Request
  readonly #read: Bytes[] = []
  #reader: ReadableStreamDefaultReader<Bytes> | undefined

  constructor(request: Request) {
    this.#request = request
  }

  /** At most `maxBytes` of it, and one piece more. */
  async read(maxBytes: number): Promise<Body> {
    const { body, bodyUsed, headers } = this.#request
    if (bodyUsed) return { kind: 'unreadable' }
    const announced = headers.get('content-length')
    if (announced !== null && !(Number(announced) <= maxBytes)) return { kind: 'over_limit' }
    if (body === null) return { kind: 'bytes', bytes: new Uint8Array() }
    this.#reader = body.getReader() as ReadableStreamDefaultReader<Bytes>
    try {
      for (let size = 0; ; ) {
        const { done, value } = await this.#reader.read()
        if (done) return { kind: 'bytes', bytes: Buffer.concat(this.#read) }
        this.#read.push(value)
        size += value.length
        if (size > maxBytes) return { kind: 'over_limit' }
      }
    } catch {
      return { kind: 'unreadable' }
    }
  }

  /** All of it, for the next reader; `undefined` where nothing was read, so that it stands as it came. */
  again(): ReadableStream<Bytes> | undefined {
    const reader = this.#reader
    if (reader === undefined) return undefined
    const read = this.#read
    return new ReadableStream<Bytes>({
      async pull(controller) {
        const next = read.shift()
        if (next !== undefined) return controller.enqueue(next)
        const { done, value } = await reader.read()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: (reason) => reader.cancel(reason),
    })
  }
}
