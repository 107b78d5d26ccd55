import type { OutputState } from '../terminal/output-ready.ts'

/** Waits until standard output takes more, or nobody reads it. */
export type StdoutReady = () => Promise<OutputState>
