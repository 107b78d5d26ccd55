import type { HeaderLists } from '../../lib/index.ts'

/**
 * The PDK calls this plugin uses. Kong runs them strictly one after the other, in the order in which they were
 * made. On the MessagePack wire each is a round trip; on the ProtoBuf wire those made together share one. A call
 * that yields nothing in Lua yields `undefined` or `null` here.
 */
export interface Kong {
  readonly request: {
    /** Lower-case names; every value of a repeated header. `max` bounds how many values Kong reads. */
    get_headers(max: number): Promise<HeaderLists | null | undefined>
    get_method(): Promise<string>
    /** As received, with the query. */
    get_path_with_query(): Promise<string>
    /**
     * When there are more than `maxBytes`, Kong fails the request on the MessagePack wire; on the ProtoBuf wire
     * this rejects with the code `ERR_BODY_OVER_LIMIT`.
     */
    get_raw_body(maxBytes: number): Promise<Uint8Array | string | null | undefined>
  }
  readonly service: {
    readonly request: {
      /** An empty list removes a header; an empty string would become a space. */
      set_headers(headers: Readonly<Record<string, string | readonly string[]>>): Promise<unknown>
    }
  }
  readonly client: {
    /** The client behind `trusted_ips`. */
    get_forwarded_ip(): Promise<string | null | undefined>
    /** There once an authentication plugin has succeeded. */
    get_credential(): Promise<unknown>
    get_consumer(): Promise<KongConsumer | null | undefined>
    /** By id, or by username where that is allowed. Kong offers no look-up by custom_id. */
    load_consumer(idOrUsername: string, byUsername: true): Promise<KongConsumer | null | undefined>
    /** Only records; the `X-Consumer-*` headers are the plugin's to set. */
    authenticate(consumer: KongConsumer, credential: { id: string } | null): Promise<unknown>
  }
  readonly router: {
    get_route(): Promise<KongEntity | null | undefined>
    get_service(): Promise<KongEntity | null | undefined>
  }
  readonly ctx: {
    /** What plugins of one request leave for each other. */
    readonly shared: { get(key: string): Promise<unknown> }
  }
  readonly nginx: { get_var(name: string): Promise<string | null | undefined> }
  readonly log: {
    err(line: string): Promise<unknown>
    warn(line: string): Promise<unknown>
    notice(line: string): Promise<unknown>
    set_serialize_value(key: string, value: unknown): Promise<unknown>
  }
  readonly response: {
    /** Ends the request inside Kong. Nothing may be asked of Kong afterwards. */
    exit(status: number, body: object, headers: Readonly<Record<string, string>>): unknown
  }
}

export interface KongConsumer {
  readonly id?: string
  readonly username?: string | null
  readonly custom_id?: string | null
}

export interface KongEntity {
  readonly id?: string
  readonly name?: string
}
