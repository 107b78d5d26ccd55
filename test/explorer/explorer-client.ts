import type { Scenery, Story } from '../../explorer/story.ts'
import { type HttpAnswer, httpCall } from '../../testkit/http-call.ts'

/** Asks an explorer as its page does. */
export class ExplorerClient {
  readonly origin: string
  readonly key: string

  /** `address` as it was printed. */
  constructor(address: string) {
    const { origin, hash } = new URL(address)
    this.origin = origin
    this.key = hash.replace('#key=', '')
  }

  async scenery(): Promise<Scenery> {
    return JSON.parse((await this.call('GET', '/api/scenery')).text) as Scenery
  }

  async play(request: object): Promise<Story> {
    const answer = await this.call('POST', '/api/play', { body: JSON.stringify(request) })
    if (answer.status !== 200) throw new Error(answer.text)
    return JSON.parse(answer.text) as Story
  }

  /** One request; `change` replaces headers of the page, and leaves out those that are empty. */
  call(
    method: string,
    path: string,
    { body, change = {} }: { body?: string; change?: Readonly<Record<string, string>> } = {},
  ): Promise<HttpAnswer> {
    const headers = {
      host: new URL(this.origin).host,
      origin: this.origin,
      'x-explorer-key': this.key,
      'content-type': 'application/json',
      ...change,
    }
    const sent = Object.entries(headers).filter(([, value]) => value !== '')
    return httpCall(this.origin, {
      method,
      path,
      headers: sent.flat(),
      ...(body !== undefined && { body: Buffer.from(body) }),
    })
  }
}
