import { readFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'
import { FINDINGS, type FindingCode } from '../../../cli/envoy/lint/finding.ts'
import { oathmeshProgram } from '../../../cli/program.ts'
import { type EnvoyConfig, filterOf } from '../../../testkit/envoy-config.ts'
import { fakeIo } from '../fake-io.ts'

const SHIPPED = readFileSync('envoy/envoy.yaml', 'utf8')
const AUTHZ = 'envoy.filters.http.ext_authz'
const RBAC = 'envoy.filters.http.rbac'

type Change = (manager: EnvoyConfig, filter: EnvoyConfig, host: EnvoyConfig) => void

function changed(change: Change): string {
  const config: EnvoyConfig = parse(SHIPPED)
  const manager = config.static_resources.listeners[0].filter_chains[0].filters[0].typed_config
  change(manager, filterOf(manager, AUTHZ), manager.route_config.virtual_hosts[0])
  return stringify(config)
}

async function lint(text: string, ...args: readonly string[]) {
  const io = fakeIo(text)
  const program = oathmeshProgram(io)
  await program.parseAsync(['envoy', 'lint', '-', ...args], { from: 'user' })
  return io.written
}

async function codes(text: string, ...args: readonly string[]): Promise<readonly FindingCode[]> {
  const { stdout, exitCode } = await lint(text, '--json', ...args)
  const { findings } = JSON.parse(stdout) as {
    findings: readonly { code: FindingCode; line: number }[]
  }
  for (const { line } of findings) expect(line).toBeGreaterThan(0)
  expect(exitCode).toBe(findings.length === 0 ? 0 : 1)
  return findings.map(({ code }) => code)
}

const without =
  (name: string): Change =>
  (manager) => {
    manager.http_filters = manager.http_filters.filter(
      (filter: EnvoyConfig) => filter.name !== name,
    )
  }
const regex =
  (pattern: string): Change =>
  (manager) => {
    filterOf(
      manager,
      'strip',
    ).mutations.request_mutations[0].remove_on_match.key_matcher.safe_regex.regex = pattern
  }
const perRoute =
  (settings: object): Change =>
  (manager, _, host) => {
    host.routes[1].typed_per_filter_config = {
      [AUTHZ]: {
        '@type': 'type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute',
        check_settings: settings,
      },
    }
    void manager
  }

const overHttp =
  (prefix: string): Change =>
  (manager, filter, host) => {
    without(RBAC)(manager, filter, host)
    delete filter.grpc_service
    filter.http_service = { server_uri: { timeout: '1.5s' }, path_prefix: prefix }
    delete host.typed_per_filter_config
  }

// biome-ignore format: reads as a table
const FAULTS: readonly (readonly [string, FindingCode, Change])[] = [
  ['no ext_authz filter', 'no_filter', without(AUTHZ)],
  ['no guard', 'no_guard', without(RBAC)],
  ['a guard before the filter', 'no_guard', (manager) => { const [strip, authz, rbac, router] = manager.http_filters; manager.http_filters = [strip, rbac, authz, router] }],
  ['a guard that denies what it should let in', 'no_guard', (manager) => { filterOf(manager, RBAC).rules.action = 'DENY' }],
  ['a guard that only logs', 'no_guard', (manager) => { const rbac = filterOf(manager, RBAC); rbac.shadow_rules = rbac.rules; delete rbac.rules }],
  ['a guard that lets others in as well', 'no_guard', (manager) => { filterOf(manager, RBAC).rules.policies.all = { permissions: [{ any: true }], principals: [{ any: true }] } }],
  ['a guard that looks elsewhere', 'no_guard', (manager, _, host) => { void host; filterOf(manager, RBAC).rules.policies.decided.principals[0].sourced_metadata.metadata_matcher.filter = 'else' }],
  ['a guard that is turned round', 'no_guard', (manager) => { filterOf(manager, RBAC).rules.policies.decided.principals[0].sourced_metadata.metadata_matcher.invert = true }],
  ['a route without the guard', 'guard_disabled', (_, __, host) => { host.routes[1].typed_per_filter_config = { [RBAC]: { '@type': 'x.rbac.v3.RBACPerRoute' } } }],
  ['failure_mode_allow', 'failure_mode_allow', (_, filter) => { filter.failure_mode_allow = true }],
  ['failureModeAllow', 'failure_mode_allow', (_, filter) => { delete filter.failure_mode_allow; filter.failureModeAllow = true }],
  ['a retry policy', 'retry_policy', (_, filter) => { filter.grpc_service.retry_policy = { num_retries: 1 } }],
  ['no stripping', 'not_stripped', without('strip')],
  ['stripping that misses underscores', 'not_stripped', regex('x-oathmesh-.*')],
  ['stripping that misses mixed spellings', 'not_stripped', regex('x-oathmesh-.*|x_oathmesh_.*')],
  ['stripping of part of a name', 'not_stripped', regex('oathmesh')],
  ['stripping behind the filter', 'not_stripped', (manager) => { const [strip, ...others] = manager.http_filters; manager.http_filters = [others[0], strip, ...others.slice(1)] }],
  ['a timeout as long as the deadline', 'timeout_order', (_, filter) => { filter.grpc_service.timeout = '1s' }],
  ['no timeout, which is 200 ms', 'timeout_order', (_, filter) => { delete filter.grpc_service.timeout }],
  ['no end of waiting', 'timeout_none', (_, filter) => { filter.grpc_service.timeout = '0s' }],
  ['pack_as_bytes on a route', 'route_bytes', perRoute({ context_extensions: { oathmesh: 'x' }, with_request_body: { max_request_bytes: 1, pack_as_bytes: true } })],
  ['bodies as text', 'body_not_bytes', (_, filter) => { delete filter.with_request_body.pack_as_bytes }],
  ['bodies cut short', 'partial_body', (_, filter) => { filter.with_request_body.allow_partial_message = true }],
  ['bodies that are not buffered', 'not_buffered', (_, filter) => { delete filter.with_request_body }],
  ['a route that does not buffer', 'not_buffered', perRoute({ disable_request_body_buffering: true })],
  ['a route without a policy', 'no_policy', (_, __, host) => { delete host.typed_per_filter_config }],
  ['HTTP without a policy', 'no_policy', overHttp('/envoy/')],
  ['headers kept from the service', 'hidden_headers', (_, filter) => { filter.allowed_headers = { patterns: [{ exact: 'authorization' }] } }],
  ['headers hidden from the service', 'hidden_headers', (_, filter) => { filter.disallowed_headers = { patterns: [{ prefix: 'x' }] } }],
  ['a route that is chosen anew', 'route_cache', (_, filter) => { filter.clear_route_cache = true }],
  ['internal redirects', 'internal_redirect', (_, __, host) => { host.routes[1].route.internal_redirect_policy = {} }],
  ['paths as they come', 'path_not_normal', (manager) => { delete manager.normalize_path }],
  ['encoded slashes', 'path_not_normal', (manager) => { delete manager.path_with_escaped_slashes_action }],
]

describe('oathmesh envoy lint', () => {
  test('finds nothing in what ships', async () => {
    const { stdout, exitCode } = await lint(SHIPPED)
    expect([exitCode, stdout]).toEqual([
      0,
      '<stdin>: nothing passes undecided by 1 ext_authz filter\n',
    ])
  })

  test.each(FAULTS)('finds %s: %s', async (_, code, change) => {
    expect(await codes(changed(change))).toEqual([code])
  })

  test('wants neither guard nor context where Envoy asks over HTTP', async () => {
    expect(await codes(changed(overHttp('/envoy/default')))).toEqual([])
  })

  test('every fault it knows is one of these', () => {
    expect(new Set(FAULTS.map(([, code]) => code))).toEqual(new Set(Object.keys(FINDINGS)))
  })

  test('reads the deadline that it is told', async () => {
    expect(await codes(SHIPPED, '--deadline-ms', '1500')).toEqual(['timeout_order'])
    expect(await codes(SHIPPED, '--deadline-ms', '1499')).toEqual([])
  })

  test('says where and what to do', async () => {
    const { stdout } = await lint(
      SHIPPED.replace('failure_mode_allow: false', 'failure_mode_allow: true'),
    )
    const line = SHIPPED.split('\n').findIndex((text) => text.includes('failure_mode_allow')) + 1
    expect(stdout).toMatch(
      new RegExp(`^<stdin>:${line} .*failure_mode_allow: failure_mode_allow\n`),
    )
    expect(stdout).toMatch(/Fix: set failure_mode_allow: false/)
    expect(stdout).toMatch(/\n1 finding\n$/)
  })

  test.each([
    ['a: [', /^<stdin>:\d+: /],
    ['- a', /must be a mapping/],
  ])('does not take %j for a configuration', async (text, message) => {
    await expect(lint(text)).rejects.toThrow(message)
  })
})
