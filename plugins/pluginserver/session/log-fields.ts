import type { Log } from '../../../lib/index.ts'

/** What a log line says beside its message. */
export type LogFields = NonNullable<Parameters<Log['error']>[1]>
