import type { HttpFilter } from './connection-manager.ts'
import type { Part } from './envoy-document.ts'
import type { Finding, FindingCode } from './finding.ts'

/** What Envoy waits when nothing is said. */
const DEFAULT_TIMEOUT_MS = 200

/** What is wrong with the filter itself. */
export function filterFaults({ config }: HttpFilter, deadlineMs: number): readonly Finding[] {
  const body = config.get('with_request_body')
  const service = config.get('grpc_service').exists
    ? config.get('grpc_service')
    : config.get('http_service')
  const http = config.get('http_service')
  const present = (code: FindingCode, part: Part) => (part.exists ? [{ code, part }] : [])
  const isTrue = (code: FindingCode, part: Part) => (part.value === true ? [{ code, part }] : [])
  return [
    ...isTrue('failure_mode_allow', config.get('failure_mode_allow')),
    ...present('retry_policy', service.get('retry_policy')),
    ...timeoutFaults(
      http.exists ? http.get('server_uri', 'timeout') : service.get('timeout'),
      deadlineMs,
    ),
    ...(body.exists && body.get('pack_as_bytes').value !== true
      ? [{ code: 'body_not_bytes' as const, part: body }]
      : []),
    ...isTrue('partial_body', body.get('allow_partial_message')),
    ...isTrue('route_cache', config.get('clear_route_cache')),
    ...(http.exists ? [] : present('hidden_headers', config.get('allowed_headers'))),
    ...present('hidden_headers', config.get('disallowed_headers')),
  ]
}

function timeoutFaults(timeout: Part, deadlineMs: number): readonly Finding[] {
  const ms = timeout.exists ? millisecondsOf(timeout.value) : DEFAULT_TIMEOUT_MS
  if (ms === 0) return [{ code: 'timeout_none', part: timeout }]
  return ms === undefined || ms <= deadlineMs ? [{ code: 'timeout_order', part: timeout }] : []
}

/** A duration as protobuf's JSON has it: `1.5s`. */
function millisecondsOf(value: unknown): number | undefined {
  const [, seconds] = /^(\d+(?:\.\d+)?)s$/.exec(String(value)) ?? []
  return seconds === undefined ? undefined : Number(seconds) * 1000
}
