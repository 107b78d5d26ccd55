// biome-ignore format: reads as a table
const MILLISECONDS: Readonly<Record<string, number>> = {
  H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6,
}

/** What `setTimeout` can count; longer is as good as for ever. */
const FOR_EVER_MS = 2 ** 31 - 1

/**
 * Milliseconds of `grpc-timeout`; infinite where there is none, `undefined` where it is malformed.
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
export function readTimeout(text: string | string[] | undefined): number | undefined {
  if (text === undefined) return Number.POSITIVE_INFINITY
  const [, digits, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(String(text)) ?? []
  if (digits === undefined) return undefined
  const ms = Number(digits) * (MILLISECONDS[unit] ?? 0)
  return ms > FOR_EVER_MS ? Number.POSITIVE_INFINITY : ms
}
