/** What an operator loads with `--require`: the SDK, with spans as lines of a file instead of an exporter to a collector. */
const { appendFileSync } = require('node:fs')
const { NodeTracerProvider, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-node')

const file = process.env.SPANS_FILE
const exporter = {
  export(spans, done) {
    for (const span of spans) {
      const { name, attributes, status, startTime, endTime, parentSpanContext } = span
      const { traceId, spanId } = span.spanContext()
      const at = ([seconds, nanos]) => seconds * 1000 + nanos / 1e6
      const line = {
        name,
        traceId,
        spanId,
        parent: parentSpanContext?.spanId,
        attributes,
        status,
        from: at(startTime),
        to: at(endTime),
      }
      appendFileSync(file, `${JSON.stringify(line)}\n`)
    }
    done({ code: 0 })
  },
  async shutdown() {},
}
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register()
