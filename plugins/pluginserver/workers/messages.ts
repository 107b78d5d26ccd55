import type { TokenUse, UseOutcome } from '../../../lib/index.ts'
import type { Measurement } from '../../../lib/metrics/gathering.ts'
import type { LogFields } from '../session/log-fields.ts'
import type { ProcessReport } from '../status/process-report.ts'

/** An instance as every worker can make it. `config` is the text that Kong sent. */
export interface KnownInstance {
  readonly id: number
  readonly plugin: string
  readonly config: string
}

/** What the parent sends. A connection comes with its socket. */
export type ToWorker =
  | { readonly kind: 'connection'; readonly number: number }
  | { readonly kind: 'instance'; readonly instance: KnownInstance; readonly number: number }
  | { readonly kind: 'instances'; readonly instances: readonly KnownInstance[] }
  | { readonly kind: 'announced'; readonly number: number; readonly id: number }
  | { readonly kind: 'closed'; readonly id: number }
  | { readonly kind: 'measure'; readonly number: number }
  | { readonly kind: 'report'; readonly number: number }
  | { readonly kind: 'claimed'; readonly number: number; readonly outcome: UseOutcome }
  | {
      readonly kind: 'notice'
      readonly level: 'warn' | 'err'
      readonly message: string
      readonly fields: LogFields
    }

/** What a worker sends. */
export type ToParent =
  | { readonly kind: 'ready' }
  | { readonly kind: 'taken'; readonly number: number }
  | { readonly kind: 'connections'; readonly count: number }
  | {
      readonly kind: 'announce'
      readonly number: number
      readonly plugin: string
      readonly config: string
    }
  | { readonly kind: 'known'; readonly number: number }
  | { readonly kind: 'close'; readonly id: number }
  | { readonly kind: 'measured'; readonly number: number; readonly measurement: Measurement }
  | { readonly kind: 'reported'; readonly number: number; readonly report: ProcessReport }
  | { readonly kind: 'reserve'; readonly maxEntries: number }
  | {
      readonly kind: 'claim'
      readonly number: number
      readonly use: TokenUse
      readonly now: number
    }
