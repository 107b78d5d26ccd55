import {
  context,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { AuditEvent } from '../audit/event.ts'
import { monotonic } from '../ports/stopwatch.ts'
import type { StepRun } from '../verify/observer.ts'
import type { StepName } from '../verify/step-names.ts'
import type { TraceParent } from './trace-parent.ts'
import type { CallTrace, Tracing } from './tracing.ts'

/** Where every copy of the API looks for the SDK of the process. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1')
/** What may wait or costs processor time; the others take microseconds together. */
const COSTLY: ReadonlySet<StepName> = new Set([
  'signing key',
  'signature',
  'binding',
  'revocation',
  'policy',
])
/** What a span says of a decision: words of ours and of the configuration, nothing that a caller wrote. */
const ATTRIBUTES = [
  'event',
  'step',
  'reason',
  'code',
  'status',
  'rule',
  'verified',
  'enforced',
  'degraded',
  'gateway',
] as const

/**
 * Spans through the OpenTelemetry SDK that the operator has loaded into this process; `undefined` where there is
 * none, and then nothing is traced and nothing costs anything.
 */
export function openTelemetry(version: string): Tracing | undefined {
  const registered = (globalThis as { [REGISTERED]?: { trace?: unknown } })[REGISTERED]
  if (registered?.trace === undefined) return undefined
  const tracer = trace.getTracer('oathmesh', version)
  return {
    async call(parent, decide) {
      const within = contextOf(parent)
      const span = tracer.startSpan('oathmesh verify', {}, within)
      try {
        // Spans of other libraries, of Redis say, belong to this one.
        const spanned = trace.setSpan(within, span)
        const answer = await context.with(spanned, () => decide(callTrace(tracer, span, parent)))
        describe(span, answer.event)
        return answer
      } finally {
        span.end()
      }
    },
  }
}

function contextOf(parent: TraceParent | undefined): typeof ROOT_CONTEXT {
  if (parent === undefined) return ROOT_CONTEXT
  const { traceId, spanId, sampled } = parent
  const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true })
}

function callTrace(tracer: Tracer, span: Span, parent: TraceParent | undefined): CallTrace {
  const within = trace.setSpan(contextOf(parent), span)
  return {
    traceId: span.spanContext().traceId,
    stepped({ step, elapsedMs, denial }: StepRun) {
      if (!COSTLY.has(step.name)) return
      // The SDK takes times of the process's stopwatch.
      const now = monotonic()
      const child = tracer.startSpan(
        `oathmesh ${step.name}`,
        { startTime: now - elapsedMs },
        within,
      )
      if (denial !== undefined) child.setAttribute('oathmesh.reason', denial.reason)
      child.end(now)
    },
  }
}

/** A refusal is an answer like any other; what cannot be decided on is a fault. */
function describe(span: Span, event: AuditEvent | undefined): void {
  if (event === undefined) return
  for (const name of ATTRIBUTES) {
    const value = event[name]
    if (value !== undefined) span.setAttribute(`oathmesh.${name}`, value)
  }
  if (Number(event['status'] ?? 0) >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
}
