import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { STOCK_PLUGIN_SERVER } from '../../testkit/plugin-commands.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'
import { onWire, WIRES } from '../../testkit/wires.ts'

afterAll(closeHttpCalls)

describe.each([
  ...WIRES.map((wire) => [`oathmesh-pluginserver on ${wire}`, onWire(wire)] as const),
  ['kong-js-pluginserver', { server: STOCK_PLUGIN_SERVER }] as const,
])('what the operator must know, with %s', (_, plugin) => {
  test('is in Kong’s log at its level, with the next request', async () => {
    const policy = { file: '/nowhere\u202e\u001b[31m/policy.json' }
    const stack = await startOnLoopback({
      plugin,
      entities: serviceWith({ '/items': { ...BASE_CONFIG, policy } }),
    })
    // It waits for the policy, so the fault is known when it is answered.
    const headers = ['Authorization', `OathMesh ${freshToken()}`]
    await httpCall(stack.url, { path: '/items', headers })
    const line = await stack.logged(/^error .*policy not loaded/).finally(() => stack.stop())
    expect(line).toMatch(/^[ -~…]+$/)
    expect(line).toContain('path="/nowhere\\u202e\\u001b[31m/policy.json"')
  })
})
