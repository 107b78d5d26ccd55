import type { AuditEvent } from '../audit/event.ts'
import type { Observer } from '../verify/observer.ts'
import type { TraceParent } from './trace-parent.ts'

/** One call, as it is traced. */
export interface CallTrace extends Observer {
  readonly traceId: string
}

/** Has each decision traced. Must not throw, and gives what `decide` gives. */
export interface Tracing {
  call<Answer extends { readonly event?: AuditEvent | undefined }>(
    parent: TraceParent | undefined,
    decide: (trace: CallTrace) => Promise<Answer>,
  ): Promise<Answer>
}
