/**
 * What `pending` settles to, or a rejection after `limitMs`. What was waited for goes on by itself, and
 * how it ends is of no interest any more.
 */
export async function within<T>(limitMs: number, pending: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const lapsed = new Promise<never>((_, reject) => {
    const lapse = () => reject(new Error(`no reply within ${limitMs} ms`))
    // After a stall of this very process the reply may lie in the socket: read it before giving up.
    timer = setTimeout(() => setImmediate(lapse), limitMs)
  })
  try {
    return await Promise.race([pending, lapsed])
  } finally {
    clearTimeout(timer)
  }
}
