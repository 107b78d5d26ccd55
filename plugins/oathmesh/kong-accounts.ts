import {
  type Account,
  type Accounts,
  type Claims,
  type HeaderLists,
  valuesOf,
} from '../../lib/index.ts'
import type { PluginConfig } from '../../schema/plugin-config.ts'
import { consumerHeaders } from './consumer-headers.ts'
import { consumerName } from './consumer-name.ts'
import type { Kong, KongConsumer } from './kong.ts'

/** Kong's consumers, for the callers of one request. */
export class KongAccounts implements Accounts {
  readonly #kong: Kong
  readonly #headers: HeaderLists
  readonly #config: Pick<PluginConfig, 'consumer' | 'anonymous'>

  constructor(
    kong: Kong,
    headers: HeaderLists,
    config: Pick<PluginConfig, 'consumer' | 'anonymous'>,
  ) {
    this.#kong = kong
    this.#headers = headers
    this.#config = config
  }

  async ofCaller(claims: Claims): Promise<Account | undefined> {
    const consumer = await this.#load(consumerName(this.#config.consumer, claims))
    if (consumer === undefined) return undefined
    // The subject, not the token, is the credential: rate limits by credential must add up.
    const { sub } = claims
    return {
      headers: consumerHeaders(consumer, sub),
      attach: () => this.#kong.client.authenticate(consumer, { id: sub }),
    }
  }

  async anonymous(): Promise<Account | undefined> {
    const consumer = await this.#load(this.#config.anonymous)
    if (consumer === undefined) return undefined
    return {
      headers: consumerHeaders(consumer, undefined),
      attach: () => this.#kong.client.authenticate(consumer, null),
    }
  }

  /** Kong's word for who it is, and not the headers', which may be the client's. */
  async authenticated(): Promise<Account | undefined> {
    const { client } = this.#kong
    const credential = await client.get_credential()
    if (!credential) return undefined
    const consumer = (await client.get_consumer()) ?? undefined
    return { headers: consumerHeaders(consumer, this.#identifierIn(credential)) }
  }

  /**
   * Which member of a credential names it, only the plugin that has set it knows. What it has told the upstream
   * stays if it is one of them; else the client has written it. Empty when there is none.
   */
  #identifierIn(credential: unknown): string {
    const told = valuesOf(this.#headers, 'x-credential-identifier')
    const [identifier = ''] = told.length === 1 ? told : []
    const members = Object.values(credential as object)
    return members.includes(identifier) ? identifier : ''
  }

  async #load(name: string | undefined): Promise<KongConsumer | undefined> {
    if (name === undefined) return undefined
    return (await this.#kong.client.load_consumer(name, true)) ?? undefined
  }
}
