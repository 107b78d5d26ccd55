import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { request as requestOverTls } from 'node:https'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { stringify } from 'yaml'
import { hashSecret } from '../../../issuer/clients/secret-hash.ts'
import { rotateKey } from '../../../issuer/keys/rotate-key.ts'
import { RedisServer } from '../../../testkit/redis-server.ts'
import { ALLOW_BILLING, BILLING_TOKEN, basic, temporaryFolder } from '../../issuer/fixture.ts'
import { Authority } from '../../lib/keys/certificates.ts'
import { issuerConfig } from './config.ts'

/** `oathmesh serve` in its own process. */
class Served {
  readonly child: ChildProcess
  readonly exited: Promise<number | null>
  output = ''
  errors = ''

  constructor(script: string, config: string) {
    this.child = spawn(process.execPath, [script, 'serve', '--config', config])
    this.child.stdout?.on('data', (text) => {
      this.output += text
    })
    this.child.stderr?.on('data', (text) => {
      this.errors += text
    })
    this.exited = new Promise((resolve) => this.child.once('close', resolve))
  }

  async origin(): Promise<string> {
    await until(() => / listens on \S+\n/.test(this.errors))
    return / listens on (\S+)\n/.exec(this.errors)?.[1] ?? ''
  }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 15_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('the condition was never met')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function ask(url: string, body?: string): Promise<{ status: number; text: string }> {
  const headers =
    body === undefined ? {} : { authorization: basic(), 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    request(
      url,
      { method: body === undefined ? 'GET' : 'POST', agent: false, headers },
      (answer) => {
        let text = ''
        answer.on('data', (chunk) => {
          text += chunk
        })
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
      },
    )
      .once('error', reject)
      .end(body)
  })
}

/** The common name of the certificate that is shown to a new connection. */
function certificateOf(origin: string, caFile: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { ca: readFileSync(caFile), agent: false }
    requestOverTls(`${origin}/healthz`, options, (answer) => {
      const socket = answer.socket as import('node:tls').TLSSocket
      resolve(String(socket.getPeerCertificate().subject.CN))
      answer.resume()
    })
      .once('error', reject)
      .end()
  })
}

describe('oathmesh serve', () => {
  const folder = temporaryFolder()
  const script = join(folder.path, 'oathmesh.cjs')
  const directory = join(folder.path, 'keys')
  const served: Served[] = []
  const rotate = () => rotateKey({ directory, jwksTtlSeconds: 60, now: Date.now() / 1000 })

  beforeAll(async () => {
    buildSync({
      entryPoints: ['cli/main.ts'],
      outfile: script,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
    })
    mkdirSync(directory)
    await rotate()
  })
  afterAll(async () => {
    for (const { child } of served) child.kill('SIGKILL')
    await Promise.all(served.map(({ exited }) => exited))
    folder.remove()
  })
  const start = async (changes: object = {}) => {
    const config = folder.write('issuer.yaml', stringify(await issuerConfig(changes)))
    const process = new Served(script, config)
    served.push(process)
    return process
  }

  test('mints, publishes a rotated key without a restart, and ends on SIGTERM', async () => {
    const issuer = await start()
    const origin = await issuer.origin()
    const published = async () =>
      JSON.parse((await ask(`${origin}/.well-known/jwks.json`)).text).keys
    expect((await ask(`${origin}/v1/token`, JSON.stringify(BILLING_TOKEN))).status).toBe(200)
    expect(JSON.parse(issuer.output)).toMatchObject({ event: 'mint', caller: 'client:billing' })
    expect(await published()).toHaveLength(1)
    const { key } = await rotate()
    await until(async () => (await published()).length === 2)
    expect((await published())[1]).toEqual(key.jwk)
    issuer.child.kill('SIGTERM')
    expect(await issuer.exited).toBe(0)
  }, 40_000)

  test('is one of two on a key directory: a rotation is seen by both, and either knows the other', async () => {
    const both = [await start(), await start()]
    const origins = await Promise.all(both.map((issuer) => issuer.origin()))
    const kidsOf = async (origin: string): Promise<readonly string[]> =>
      JSON.parse((await ask(`${origin}/.well-known/jwks.json`)).text).keys.map(
        ({ kid }: { kid: string }) => kid,
      )
    const { key } = await rotate()
    for (const origin of origins) await until(async () => (await kidsOf(origin)).includes(key.kid))
    const [first, second] = await Promise.all(origins.map(kidsOf))
    expect(first).toEqual(second)
    for (const origin of origins) {
      const { text } = await ask(`${origin}/v1/token`, JSON.stringify(BILLING_TOKEN))
      const [header = ''] = JSON.parse(text).token.split('.')
      const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString())
      // Not yet the new one: no gateway need know it before a JWKS TTL has passed.
      expect([first?.includes(kid), kid === key.kid]).toEqual([true, false])
    }
    for (const { child, exited } of both) {
      child.kill('SIGTERM')
      expect(await exited).toBe(0)
    }
  }, 40_000)

  test('reads clients and rules anew on SIGHUP, and goes on with the old ones after a fault', async () => {
    const issuer = await start()
    const origin = await issuer.origin()
    const mint = async (act: string) => {
      const body = JSON.stringify({ ...BILLING_TOKEN, act })
      return (await ask(`${origin}/v1/token`, body)).status
    }
    const reload = async (text: string, said: RegExp) => {
      folder.write('issuer.yaml', text)
      const before = issuer.errors.length
      issuer.child.kill('SIGHUP')
      await until(() => said.test(issuer.errors.slice(before)))
    }
    expect([await mint('inventory.read'), await mint('payroll.read')]).toEqual([200, 403])
    const rules = [{ ...ALLOW_BILLING, match: { ...ALLOW_BILLING.match, act: 'payroll.*' } }]
    await reload(stringify(await issuerConfig({ rules })), /configuration read/)
    expect([await mint('inventory.read'), await mint('payroll.read')]).toEqual([403, 200])

    const kept = /configuration not read: the one before goes on/
    await reload('rules: [', kept)
    await reload(stringify(await issuerConfig({ rules: [], clients: [] })), kept)
    await reload(
      stringify(await issuerConfig({ rules: [{ ...ALLOW_BILLING, callers: ['client:x'] }] })),
      kept,
    )
    await reload(stringify(await issuerConfig({ colour: 'red' })), kept)
    expect([await mint('inventory.read'), await mint('payroll.read')]).toEqual([403, 200])

    await reload(
      stringify(await issuerConfig({ rules, keys: { directory: 'keys', jwks_ttl: 90 } })),
      /need_restart.*keys/,
    )
    const clients = [{ name: 'billing', secret_hashes: [await hashSecret('another')] }]
    await reload(stringify(await issuerConfig({ rules, clients })), /configuration read/)
    expect(await mint('payroll.read')).toBe(403)
    issuer.child.kill('SIGTERM')
    expect(await issuer.exited).toBe(0)
  }, 60_000)

  test('reads its TLS files anew on SIGHUP, and goes on with the old ones after a fault', async () => {
    const authority = new Authority()
    const [cert, key] = ['tls.crt', 'tls.key'].map((name) => join(folder.path, name)) as [
      string,
      string,
    ]
    const put = (pair: { cert: string; key: string }) => {
      writeFileSync(cert, pair.cert)
      writeFileSync(key, pair.key)
    }
    put(authority.issue('IP:127.0.0.1'))
    const issuer = await start({
      listen: { port: 0, tls: { cert_file: 'tls.crt', key_file: 'tls.key' } },
    })
    const origin = await issuer.origin()
    const served = () => certificateOf(origin, authority.caFile)
    const hangUp = async (said: RegExp) => {
      const before = issuer.errors.length
      issuer.child.kill('SIGHUP')
      await until(() => said.test(issuer.errors.slice(before)))
    }
    const kept = /TLS files not read: the ones before go on/
    expect(await served()).toBe('server-0')
    put(authority.issue('IP:127.0.0.1'))
    await hangUp(/TLS files read/)
    expect(await served()).toBe('server-1')
    // A certificate whose key has not been replaced yet, and one that was written by half.
    copyFileSync(authority.caFile, cert)
    await hangUp(kept)
    writeFileSync(cert, authority.issue('IP:127.0.0.1').cert.slice(0, 200))
    await hangUp(kept)
    expect(await served()).toBe('server-1')
    expect(issuer.errors).not.toContain('PRIVATE KEY')
    issuer.child.kill('SIGTERM')
    expect(await issuer.exited).toBe(0)
    authority.remove()
  }, 60_000)

  test('ends with 2 where it cannot listen', async () => {
    const first = await start()
    const { port } = new URL(await first.origin())
    const second = await start({ listen: { port: Number(port) } })
    expect(await second.exited).toBe(2)
    expect(second.errors).toContain('listen: listen EADDRINUSE')
    expect(second.errors).not.toContain('    at ')
    first.child.kill('SIGINT')
    expect(await first.exited).toBe(0)
  }, 40_000)

  test('writes revocations to the Redis of the configuration', async () => {
    const redis = await RedisServer.start()
    await redis.cli('acl', 'setuser', 'default', 'resetpass', '>planted')
    folder.write('redis.password', 'planted\n')
    const issuer = await start({
      revocation: {
        // As a credential of systemd or a secret of Kubernetes comes, relative to the configuration.
        redis: { host: redis.host, port: redis.port, password_file: 'redis.password' },
        admins: [{ callers: ['client:billing'], subjects: ['svc://*'] }],
      },
    })
    const origin = await issuer.origin()
    const answer = await ask(`${origin}/v1/admin/revoke`, '{"sub":"svc://acme/billing"}')
    expect(JSON.parse(answer.text)).toEqual({ status: 'revoked' })
    const cli = (...command: string[]) =>
      redis.cli('--no-auth-warning', '-a', 'planted', ...command)
    expect(await cli('hkeys', 'oathmesh:revocations')).toBe('svc://acme/billing')
    // Of the gateways' records it leaves everything alone.
    expect(await cli('keys', '*')).toBe('oathmesh:revocations')
    issuer.child.kill('SIGTERM')
    expect(await issuer.exited).toBe(0)
    await redis.stop()
  }, 40_000)
})
