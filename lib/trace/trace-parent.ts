/** Where a call belongs in a trace that others have begun. */
export interface TraceParent {
  /** 32 lower-case hex digits, not all zero. */
  readonly traceId: string
  /** 16, of the span that has made the call. */
  readonly spanId: string
  readonly sampled: boolean
}

const FIELDS = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
/** Later versions may be longer than the first, and nobody needs to be much longer. */
const MAX_LENGTH = 256
const ZEROS = /^0+$/

/**
 * What the values of `traceparent` say, read strictly, or `undefined` for anything else: no header, several, another version's
 * nonsense. W3C Trace Context, 3.2.2. The caller writes it, so it proves nothing.
 */
export function traceParentOf(values: readonly string[]): TraceParent | undefined {
  const [value, ...more] = values
  if (value === undefined || more.length > 0 || value.length > MAX_LENGTH) return undefined
  const [, version, traceId = '', spanId = '', flags = '', rest] = FIELDS.exec(value) ?? []
  if (version === undefined || version === 'ff' || ZEROS.test(traceId) || ZEROS.test(spanId)) {
    return undefined
  }
  // The first version ends here; of later ones, what this one knows counts.
  if (version === '00' && rest !== undefined) return undefined
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}
