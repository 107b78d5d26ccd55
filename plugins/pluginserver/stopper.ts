import type { Log } from '../../lib/index.ts'

/** Ends the process once, however often it is asked to: a second time without waiting. */
export function stopper(
  log: Log,
  drain: () => Promise<void>,
  abort: () => void = () => {},
): (why: string) => void {
  let stopping = false
  const stop = async (why: string): Promise<void> => {
    if (stopping) {
      abort()
      process.exit(0)
    }
    stopping = true
    const drained = drain()
    log.info('stopping', { why })
    await drained
    process.exit(0)
  }
  const begin = (why: string): void => void stop(why)
  process.on('SIGTERM', () => begin('SIGTERM'))
  process.on('SIGINT', () => begin('SIGINT'))
  return begin
}
