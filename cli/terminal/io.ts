/** 0: done and nothing found. 1: done, with findings. 2: wrong usage or unreadable input. */
export type ExitCode = 0 | 1 | 2

/** What a command may touch of its process. Tests pass their own. */
export interface CliIo {
  readonly stdin: AsyncIterable<Uint8Array | string>
  readonly stdout: Output
  readonly stderr: Output
  setExitCode(code: ExitCode): void
}

export interface Output {
  write(text: string): unknown
  /** Whether a person reads it on a terminal that shows colour. */
  readonly color: boolean
}
