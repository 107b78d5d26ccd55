import type { Part } from './envoy-document.ts'

/** What is wrong, why it matters and what to do about it. */
// biome-ignore format: reads as a table
export const FINDINGS = {
  no_filter:          { message: 'no ext_authz filter asks oathmesh-envoy: nothing is decided on', fix: 'add the filters of the shipped envoy.yaml.' },
  no_guard:           { message: 'no RBAC filter behind ext_authz demands a decision: an empty answer of the service is an allow', fix: 'add the rbac filter of the shipped envoy.yaml right behind ext_authz.' },
  guard_disabled:     { message: 'the guard is off on a route where calls are decided on', fix: 'remove RBACPerRoute here.' },
  failure_mode_allow: { message: 'calls pass undecided while the service is down or slow', fix: 'set failure_mode_allow: false.' },
  retry_policy:       { message: 'a repeated Check spends its token twice: the call is refused as a replay', fix: 'remove retry_policy.' },
  not_stripped:       { message: 'identity headers of clients are not removed on every route and in every spelling', fix: 'put a header_mutation filter before ext_authz that removes names that match x[-_]oathmesh[-_].*' },
  timeout_order:      { message: 'Envoy waits no longer than a verification may take: late Checks spend tokens for nobody', fix: 'make timeout longer than deadline_ms, by half a second or more, or lower deadline_ms; --deadline-ms tells this command.' },
  timeout_none:       { message: 'Envoy waits for ever for a service that does not answer', fix: 'set grpc_service.timeout: 1.5s.' },
  route_bytes:        { message: 'pack_as_bytes of a route is ignored by Envoy: bound bodies may be altered', fix: 'set pack_as_bytes: true at the filter.' },
  body_not_bytes:     { message: 'bodies are sent as text, which alters them: every request bound to one is refused', fix: 'set with_request_body.pack_as_bytes: true.' },
  partial_body:       { message: 'bodies over the limit go to the upstream with only their beginning checked', fix: 'remove allow_partial_message.' },
  not_buffered:       { message: 'oathmesh_body says that bodies are buffered, and they are not: an unseen body is taken for none', fix: 'set with_request_body at the filter, or remove oathmesh_body here.' },
  no_policy:          { message: 'no context_extensions.oathmesh says which policy applies: every call is refused', fix: 'name a --config of oathmesh-envoy in context_extensions, here or at the virtual host; with http_service, path_prefix: /envoy/NAME.' },
  hidden_headers:     { message: 'headers that the service does not see are not removed by it', fix: 'remove allowed_headers and disallowed_headers from the filter.' },
  route_cache:        { message: 'a request moves to the route that its new headers match, without being asked about again', fix: 'remove clear_route_cache.' },
  internal_redirect:  { message: 'a redirected request is asked about again without its credential', fix: 'remove internal_redirect_policy.' },
  path_not_normal:    { message: 'service, routes and upstream may read different paths', fix: 'set normalize_path: true and path_with_escaped_slashes_action: REJECT_REQUEST.' },
} as const

export type FindingCode = keyof typeof FINDINGS

/** One fault and the part that it is about. */
export interface Finding {
  readonly code: FindingCode
  readonly part: Part
}
