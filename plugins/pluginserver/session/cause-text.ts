/** What was thrown, for a log line: the stack if there is one. Never throws itself. */
export function causeText(thrown: unknown): string {
  try {
    return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  } catch {
    // An object may refuse to become text.
    return typeof thrown
  }
}

/** The same in one phrase, for an answer to Kong. */
export function causeMessage(thrown: unknown): string {
  return thrown instanceof Error ? String(thrown.message) : causeText(thrown)
}
