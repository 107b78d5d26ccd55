import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { HARDENED_PLUGIN_SERVER, STOCK_PLUGIN_SERVER, startStack } from '../../testkit/stack.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'

afterAll(closeHttpCalls)

describe.each([
  ['oathmesh-pluginserver', HARDENED_PLUGIN_SERVER],
  ['kong-js-pluginserver', STOCK_PLUGIN_SERVER],
])('what the operator must know, with %s', (_, pluginServer) => {
  test('is in Kong’s log at its level, with the next request', async () => {
    const policy = { file: '/nowhere\u202e\u001b[31m/policy.json' }
    const stack = await startStack({
      pluginServer,
      routes: { '/items': { ...BASE_CONFIG, policy } },
    })
    // It waits for the policy, so the fault is known when it is answered.
    const headers = ['Authorization', `OathMesh ${freshToken()}`]
    await httpCall(stack.url, { path: '/items', headers })
    const line = await stack.logged(/^error .*policy not loaded/).finally(() => stack.stop())
    expect(line).toMatch(/^[ -~…]+$/)
    expect(line).toContain('path="/nowhere\\u202e\\u001b[31m/policy.json"')
  })
})
