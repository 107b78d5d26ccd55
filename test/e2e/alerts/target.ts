import { BASE_CONFIG } from '../../../testkit/vectors.ts'

/** A process that Prometheus scrapes, the calls that it gets, and the fault that comes over it. */
export interface Target {
  readonly job: 'oathmesh-gateway' | 'oathmesh-envoy' | 'oathmesh-issuer'
  /** `host:port` of its metrics. */
  readonly address: string
  /** All alerts that the fault raises: name, severity and, where they have one, API. */
  readonly raises: readonly string[]
  /** What a machine that is busy may raise besides. */
  readonly mayRaise?: readonly string[]
  /** Makes a call, or several, without waiting. */
  call(): void
  /** The fault. Takes a while where it is one that repeats. */
  begin(startedAt: StartedAt): Promise<void>
  stop(): Promise<void>
}

/** Since when the process runs, as Prometheus has seen it last; `undefined` while it sees none. */
export type StartedAt = () => Promise<number | undefined>

/** Both severities of an alert. */
export function both(alert: string, api = ''): readonly string[] {
  return ['warning', 'critical'].map((severity) => `${alert} ${severity} ${api}`.trim())
}

/** What entities here have in common. Generous: a machine that is busy must not look like a fault. */
export const CONFIG = { ...BASE_CONFIG, deadline_ms: 10_000 }
