/**
 * What `pending` settles to, or after `limitMs` a rejection with what `lapse` makes. What was waited for goes on
 * by itself, and how it ends is of no interest any more.
 */
export async function within<T>(
  limitMs: number,
  pending: Promise<T>,
  lapse: () => Error = () => new Error(`no reply within ${limitMs} ms`),
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const lapsed = new Promise<never>((_, reject) => {
    // After a stall of this very process the reply may lie in the socket: read it before giving up.
    timer = setTimeout(() => setImmediate(() => reject(lapse())), limitMs)
  })
  try {
    return await Promise.race([pending, lapsed])
  } finally {
    clearTimeout(timer)
  }
}
