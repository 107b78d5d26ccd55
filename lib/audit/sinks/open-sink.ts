import { statSync } from 'node:fs'
import type { CountedSink } from '../audit-sink.ts'
import { FileSink } from './file.ts'
import type { SinkOptions } from './losses.ts'
import { SocketSink } from './socket.ts'

/** A sink that can be opened anew and closed. */
export interface OpenSink extends CountedSink {
  reopen(): void
  close(): void
}

/** The sink for whatever stands at the path; a file where nothing does. Throws when it cannot be opened. */
export function openSink(options: SinkOptions): OpenSink {
  const there = statSync(options.path, { throwIfNoEntry: false })
  return there?.isSocket() ? new SocketSink(options) : new FileSink(options)
}
