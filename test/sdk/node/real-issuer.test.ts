import { type ClientOptions, createClient } from '../../../sdk/node/index.ts'
import { MintError } from '../../../sdk/node/mint-error.ts'
import { serviceWith } from '../../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../../testkit/start-on-loopback.ts'
import { CommandFolder } from '../../cli/command-folder.ts'
import { API, ISSUER, MemoryRevocations, SECRET, TestIssuer } from '../../issuer/fixture.ts'

const revocations = new MemoryRevocations()
let issuer: TestIssuer
let stack: Loopback
let folder: CommandFolder
beforeAll(async () => {
  const rules = [{ callers: ['client:billing'], subjects: ['svc://acme/*'] }]
  issuer = await TestIssuer.start({ revocation: { rules, readers: [] } }, { revocations })
  issuer.nowMs = Date.now()
  const issuers = [{ issuer: ISSUER, jwks_uri: `${issuer.origin}/.well-known/jwks.json` }]
  const config = {
    audience: API,
    issuers,
    keys: { allow_http: true },
    policy: { allow_all: true },
    request_binding: { mode: 'strict' },
  }
  stack = await startOnLoopback({ entities: serviceWith({ '/items': config }) })
  folder = new CommandFolder()
  folder.write('credential', `billing~${SECRET}`)
})
afterAll(async () => {
  folder.remove()
  await stack.stop()
  await issuer.stop()
})
beforeEach(() => {
  issuer.nowMs = Date.now()
})

const clientWith = (options: Partial<ClientOptions> = {}) =>
  createClient({
    issuer: issuer.origin,
    credential: `billing~${SECRET}`,
    subject: 'svc://acme/billing',
    audience: API,
    action: 'inventory.read',
    ...options,
  })

describe('client, issuer and gateway together', () => {
  test('let a call pass, and every further one', async () => {
    const client = clientWith()
    const calls = Array.from({ length: 5 }, () => client.fetch(`${stack.url}/items`))
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(Array(5).fill(200))
    expect(stack.seen.at(-1)?.headers['x-oathmesh-subject']).toBe('svc://acme/billing')
  })

  test('let a bound call pass', async () => {
    const client = clientWith({ binding: 'strict', action: 'inventory.write' })
    const init = { method: 'POST', body: '{"sku":"A-1"}' }
    expect((await client.fetch(`${stack.url}/items?dry=1`, init)).status).toBe(200)
  })

  test('let calls with prefetched tokens pass', async () => {
    const client = clientWith({ prefetch: 3 })
    for (let call = 0; call < 8; call++) {
      expect((await client.fetch(`${stack.url}/items`)).status).toBe(200)
    }
  })

  test('refuse a token that mint policy does not allow, with the word for it', async () => {
    const refused = clientWith({ action: 'payments.refund' }).fetch(`${stack.url}/items`)
    await expect(refused).rejects.toBeInstanceOf(MintError)
    await expect(refused).rejects.toMatchObject({ kind: 'refused', status: 403 })
  })

  test('refuse another secret', async () => {
    const refused = clientWith({ credential: 'billing~guess' }).authorization()
    await expect(refused).rejects.toMatchObject({ kind: 'refused', code: 'mint_auth_denied' })
  })
})

describe('the command line at an issuer', () => {
  const origin = () => ['--issuer', issuer.origin, '--credential-file', 'credential']

  test('calls', async () => {
    const claims = ['--sub', 'svc://acme/billing', '--aud', API, '--act', 'inventory.read']
    const written = await folder.run(['curl', ...origin(), ...claims, `${stack.url}/items`])
    expect(written).toMatchObject({ stderr: '200 OK\n', exitCode: 0 })
  })

  test('revokes, lists and lifts', async () => {
    expect((await folder.run(['revoke', 'svc://acme/a', ...origin()])).exitCode).toBe(0)
    const listed = await folder.run(['revocations', ...origin()])
    expect(listed).toMatchObject({ stdout: expect.stringMatching(/Z {2}svc:\/\/acme\/a\n$/) })
    expect((await folder.run(['unrevoke', 'svc://acme/a', ...origin()])).exitCode).toBe(0)
    expect(revocations.revoked.size).toBe(0)
  })

  test('ends with 1 where the caller has no right to', async () => {
    const written = await folder.run(['revoke', 'svc://other/a', ...origin()])
    expect([written.exitCode, written.stderr]).toEqual([1, expect.stringContaining(': 403 ')])
  })
})
