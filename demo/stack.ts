import type { IncomingHttpHeaders } from 'node:http'
import type { DemoIssuer } from './issuer.ts'

/** What the demo runs on: an issuer, an upstream, and a gateway that runs the plugin's configuration. */
export interface DemoStack {
  /** The gateway, as a sentence names it. */
  readonly gateway: string
  readonly gatewayUrl: string
  /** The configuration the gateway runs, as a Kong declarative file: what `oathmesh explain` reads. */
  readonly configFile: string
  readonly issuer: DemoIssuer
  /** Headers of every request that reached the upstream. */
  readonly seen: readonly IncomingHttpHeaders[]
  /** Audit lines so far. */
  readonly audit: readonly string[]
  /** Everything else the gateway, and what decides for it, have said. */
  readonly log: readonly string[]
  /** Waits until there are so many audit lines: they may come after the answer. */
  audited(lines: number): Promise<void>
  stop(): Promise<void>
}
