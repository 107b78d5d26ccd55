/** One request, as the gateway hands it over. What costs a round trip is a function, asked at most once. */
export interface Call {
  /** Every value of `Authorization`, in order of arrival. */
  readonly authorization: readonly string[]
  requestLine(): Promise<RequestLine>
  /** The raw body, not decompressed, de-chunked. */
  body(maxBytes: number): Promise<Body>
}

export interface RequestLine {
  /** As sent; methods are case-sensitive (RFC 9110, 9.1). */
  readonly method: string
  /** Path of the request-target before any rewrite or normalisation. */
  readonly rawPath: string
  /** Query of the request-target without `?`; empty when there is none. */
  readonly rawQuery: string
}

export type Body =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'over_limit' }
  | { readonly kind: 'unreadable' }
