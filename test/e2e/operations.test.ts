import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { KEYS, publicJwk } from '../../testkit/keys.ts'
import { until } from '../../testkit/redis-server.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'
import { onWire, WIRES } from '../../testkit/wires.ts'

describe.each(WIRES)('on %s', (wire) => {
  const folder = mkdtempSync(join(tmpdir(), 'oathmesh-operations-'))
  const policyFile = join(folder, 'policy.json')

  let published: object[] = [publicJwk(KEYS.trusted)]
  let fetches = 0
  let issuer: Server
  let url: string
  let stack: Loopback

  beforeAll(async () => {
    issuer = createServer((_, response) => {
      fetches += 1
      response.end(JSON.stringify({ keys: published }))
    })
    await new Promise<void>((listening) => {
      issuer.listen(0, '127.0.0.1', listening)
    })
    url = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`
    writeFileSync(policyFile, policyAllowing(url, 'inventory.*'))
    const remote = {
      ...BASE_CONFIG,
      issuers: [{ issuer: url }],
      keys: { allow_http: true, ttl: 3600 },
    }
    stack = await startOnLoopback({
      plugin: onWire(wire),
      entities: serviceWith({
        '/items': remote,
        '/policy': { ...remote, policy: { file: policyFile } },
        '/actions': {
          ...remote,
          require: {
            scopes: ['inventory'],
            routes: [
              { method: 'GET', path: '/actions/{id}', action: 'inventory.read' },
              { method: 'DELETE', path: '/actions/{id}', action: 'inventory.delete' },
            ],
          },
        },
        '/nowhere': { ...BASE_CONFIG, issuers: [{ issuer: 'https://issuer.invalid' }] },
      }),
    })
  })
  afterAll(async () => {
    closeHttpCalls()
    await stack.stop()
    issuer.closeAllConnections()
    issuer.close()
    rmSync(folder, { recursive: true })
  })

  async function call(path: string, claims: object = {}, method = 'GET') {
    const authorization = `OathMesh ${freshToken({ iss: url, ...claims })}`
    const { status, text } = await httpCall(stack.url, {
      method,
      path,
      headers: ['Authorization', authorization],
    })
    return { status, text }
  }

  describe('keys', () => {
    test('are fetched once for many calls', async () => {
      for (let times = 0; times < 20; times++) expect((await call('/items')).status).toBe(200)
      expect(fetches).toBe(1)
    })

    test('are dropped and fetched anew on SIGHUP', async () => {
      published = [publicJwk(KEYS.second)]
      expect((await call('/items')).status).toBe(200)
      process.kill(stack.pluginServer.pid ?? process.pid, 'SIGHUP')
      await stack.logged(/SIGHUP: all keys are dropped/)
      await until(async () => (await call('/items')).status === 401, 5000)
      published = [publicJwk(KEYS.trusted)]
      process.kill(stack.pluginServer.pid ?? process.pid, 'SIGHUP')
      await until(async () => (await call('/items')).status === 200, 5000)
    })

    test('of an issuer that cannot be reached are a 503 that names nothing', async () => {
      const { status, text } = await call('/nowhere', { iss: 'https://issuer.invalid' })
      expect(status).toBe(503)
      expect(text).not.toContain('issuer.invalid')
    })
  })

  describe('a policy file', () => {
    test('decides, and decides anew after it has been replaced', async () => {
      expect((await call('/policy')).status).toBe(200)
      writeFileSync(`${policyFile}.new`, policyAllowing(url, 'payments.*'))
      renameSync(`${policyFile}.new`, policyFile)
      await until(async () => (await call('/policy')).status === 403, 5000)
    })

    test('goes on deciding when its next version is broken', async () => {
      writeFileSync(policyFile, '{"version": 1')
      await stack.logged(/policy not loaded: the version before goes on deciding/)
      expect((await call('/policy')).status).toBe(403)
      writeFileSync(policyFile, policyAllowing(url, 'inventory.*'))
      await until(async () => (await call('/policy')).status === 200, 5000)
    })
  })

  describe('required actions', () => {
    test.each([
      ['GET', '/actions/7', { act: 'inventory.read', scope: ['inventory'] }, 200],
      ['DELETE', '/actions/7', { act: 'inventory.read', scope: ['inventory'] }, 403],
      ['DELETE', '/actions/7', { act: 'inventory.delete', scope: ['inventory'] }, 200],
      ['GET', '/actions/7', { act: 'inventory.read' }, 403],
      ['GET', '/actions/7/parts', { act: 'inventory.read', scope: ['inventory'] }, 403],
      ['GET', '/actions/7%2Fparts', { act: 'inventory.read', scope: ['inventory'] }, 403],
      ['GET', '/actions/x/../7', { act: 'inventory.read', scope: ['inventory'] }, 403],
    ])('%s %s with %j is %i', async (method, path, claims, status) => {
      expect((await call(path, claims, method)).status).toBe(status)
    })
  })
})

function policyAllowing(url: string, act: string): string {
  const rules = [
    { name: 'allowed', match: { act }, allow: true },
    { name: 'default', allow: false },
  ]
  return JSON.stringify({ version: 1, issuers: [url], audiences: [BASE_CONFIG.audience], rules })
}
