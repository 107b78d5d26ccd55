/** One connection to a plugin server, as a worker of Kong holds it: one event after the other. */
export interface KongSide {
  /** Starts an instance of the plugin and resolves with its number. */
  start(config: object): Promise<number>
  /**
   * Runs one access phase for a request with this `Authorization`, or none. After a refusal the connection is gone,
   * as with Kong, and the next call has a new one.
   */
  access(instance: number, authorization: string | undefined): Promise<Ended>
  close(): void
}

export interface Ended {
  /** How often Kong stood still for the plugin server. */
  readonly roundTrips: number
  readonly as: 'allow' | 'refuse'
}

/** A request as a real Kong 3.9.3 hands it over, but for `Authorization`. */
export const RECEIVED = {
  host: '127.0.0.1:8000',
  'user-agent': 'curl/7.88.1',
  accept: '*/*',
  'content-type': 'application/json',
  'content-length': '7',
} as const
