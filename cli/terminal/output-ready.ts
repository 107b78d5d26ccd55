import type { Writable } from 'node:stream'

/** `gone`: nobody reads any more, as behind `| head`. */
export type OutputState = 'ready' | 'gone'

/**
 * Waits until a stream takes more. Without, a reader slower than this program would make it hold the
 * whole log in memory; and it would go on through the log when nobody reads.
 */
export function outputReady(stream: Writable): Promise<OutputState> {
  if (stream.destroyed || stream.errored) return Promise.resolve('gone')
  if (!stream.writableNeedDrain) return Promise.resolve('ready')
  return new Promise((resolve) => {
    const drained = () => settle('ready')
    const closed = () => settle('gone')
    const settle = (state: OutputState) => {
      stream.off('drain', drained).off('close', closed)
      resolve(state)
    }
    stream.on('drain', drained).on('close', closed)
  })
}
