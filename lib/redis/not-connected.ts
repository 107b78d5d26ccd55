/** What a question meets while there is no connection, with the reason where it is known. */
export function notConnected(cause: string | undefined): Error {
  return new Error(cause === undefined ? 'not connected' : `not connected: ${cause}`)
}
