import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { hashSecret } from '../../issuer/clients/secret-hash.ts'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { Planted } from '../../testkit/planted.ts'
import { RedisServer } from '../../testkit/redis-server.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'
import { issuerConfig } from '../cli/issuer/config.ts'
import { asBundle } from '../cli/kong/execute.ts'
import { temporaryFolder } from '../issuer/fixture.ts'
import { Authority } from '../lib/keys/certificates.ts'

const planted = new Planted()
const folder = temporaryFolder()
const authority = new Authority()
let redis: RedisServer

/** A token of which nobody may see the signature. */
function token(name: string): string {
  const text = freshToken()
  planted.know(`signature of ${name}`, text.split('.')[2] ?? '')
  return text
}

/** The lines of a private key between its first and last, which say only what it is. */
function plantKey(name: string, pem: string): string {
  planted.know(name, pem.split('\n').slice(1, -2).join('\n'))
  return pem
}

async function oathmesh(...args: string[]): Promise<string> {
  const { stdout, stderr } = await asBundle({ args, stdin: undefined }, folder.path)
  return `${args[0]}\n${stdout}${stderr}`
}

beforeAll(async () => {
  redis = await RedisServer.start()
  await redis.cli('acl', 'setuser', 'default', 'resetpass', '>another-password')
})
afterAll(async () => {
  await redis.stop()
  authority.remove()
  folder.remove()
})

test('the search finds what is there, however it is written', () => {
  const search = new Planted()
  const secret = search.plant('a')
  for (const form of [
    secret,
    `x${secret}y`,
    Buffer.from(secret).toString('hex'),
    Buffer.from(`user:${secret}`).toString('base64'),
    Buffer.from(`{"a":"${secret}"}`).toString('base64url'),
  ]) {
    expect([form, search.foundIn(form)]).toEqual([form, ['a']])
  }
  expect(search.foundIn(secret.slice(0, -1))).toEqual([])
})

test('plugin server and gateway show no secret in log, answers, audit, status or dump', async () => {
  const file = join(folder.path, 'audit.log')
  const { host, port } = redis
  const store = { ...BASE_CONFIG, replay: { store: 'redis' } }
  const routes = {
    '/refused': { ...store, redis: { host, port, password: planted.plant('redis password') } },
    '/file': {
      ...store,
      redis: { host, port, password_file: folder.write('pw', planted.plant('redis file')) },
    },
    '/sentinel': {
      ...store,
      redis: {
        sentinel_master: 'm',
        sentinel_nodes: [{ host, port }],
        sentinel_password: planted.plant('sentinel password'),
      },
    },
    '/sealed': {
      ...BASE_CONFIG,
      audit: { sink: 'file', file, hmac_key: planted.plant('audit key') },
    },
    '/no-file': { ...store, redis: { password_file: planted.plant('password for a file name') } },
  }
  const stack = await startOnLoopback({ entities: serviceWith(routes) })
  const answers: unknown[] = []
  for (const path of Object.keys(routes)) {
    const used = token(`${path} used`)
    for (const authorization of [
      `OathMesh ${used}`,
      `OathMesh ${used}`,
      `OathMesh ${token(`${path} cut`)}x`,
      `Bearer ${planted.plant(`${path} bearer`)}`,
      `Basic ${Buffer.from(`ci:${planted.plant(`${path} basic`)}`).toString('base64')}`,
    ]) {
      answers.push(await httpCall(stack.url, { path, headers: ['Authorization', authorization] }))
    }
  }
  const status = await oathmesh('status', '--json', '--socket', join(stack.prefix, 'oathmesh.sock'))
  closeHttpCalls()
  await stack.stop()
  const log = stack.log.join('\n')
  // What is searched has something to say of each.
  expect(log).toMatch(/WRONGPASS/)
  expect(log).toMatch(/redis\.password_file: cannot be read/)
  expect(readFileSync(file, 'utf8')).toContain('"hmac"')
  // A credential for somebody else stays in the request, and the upstream shows what it has got.
  const shown = answers.filter((answer) => (answer as { status: number }).status >= 400)
  expect(shown.length).toBeGreaterThan(15)
  for (const text of [log, JSON.stringify(shown), readFileSync(file, 'utf8'), status]) {
    expect([planted.foundIn(text), text]).toEqual([[], text])
  }
}, 90_000)

test('the issuer shows no secret in its log, its audit or its refusals', async () => {
  const secret = planted.plant('client secret')
  const tls = authority.issue('IP:127.0.0.1')
  folder.write('tls.crt', tls.cert)
  folder.write('tls.key', plantKey('TLS key', tls.key))
  mkdirSync(join(folder.path, 'keys'), { mode: 0o700 })
  await oathmesh('keys', 'rotate', '--directory', 'keys', '--json').then((text) => {
    const name = JSON.parse(text.slice(text.indexOf('{'))).file
    plantKey('signing key', readFileSync(join(folder.path, 'keys', name), 'utf8'))
  })
  folder.write('redis.password', planted.plant('issuer redis password'))
  const config = await issuerConfig({
    listen: { port: 0, tls: { cert_file: 'tls.crt', key_file: 'tls.key' } },
    clients: [{ name: 'billing', secret_hashes: [await hashSecret(secret)] }],
    revocation: {
      redis: { host: redis.host, port: redis.port, password_file: 'redis.password' },
      admins: [{ callers: ['client:billing'], subjects: ['*'] }],
    },
  })
  folder.write('issuer.yaml', stringify(config))
  const served = serve()
  const origin = await served.origin
  const ask = (path: string, credential: string, body: string) =>
    spawned('curl', [
      ...['--silent', '--insecure', '--user', credential, '--data', body],
      ...['--header', 'content-type: application/json', `${origin}${path}`],
    ])
  const answers = [
    await ask('/v1/token', `billing:${planted.plant('wrong secret')}`, '{"aud":"a","act":"b"}'),
    await ask('/v1/token', `billing:${secret}`, '{"sub":"svc://a/b","aud":"a","act":"b"}'),
    await ask('/v1/token', `${secret}:billing`, '{"aud":"a","act":"b"}'),
    await ask('/v1/token', `billing:${secret}`, '{"colour":1}'),
    await ask('/v1/admin/revoke', `billing:${secret}`, '{"sub":"svc://acme/billing"}'),
  ]
  folder.write('issuer.yaml', `${stringify(config)}\nclients: ["${secret}"`)
  folder.write('tls.crt', readFileSync(join(folder.path, 'tls.key'), 'utf8'))
  served.child.kill('SIGHUP')
  await served.said(/TLS files not read/)
  served.child.kill('SIGTERM')
  await served.exited
  expect(served.output).toMatch(/configuration not read/)
  const texts = [...answers, served.output]
  for (const text of texts) expect([planted.foundIn(text), text]).toEqual([[], text])
}, 60_000)

test('the command line shows no secret, wherever it was given by mistake', async () => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const pem = plantKey('key', privateKey.export({ format: 'pem', type: 'pkcs8' }).toString())
  const key = folder.write('key.pem', pem)
  const password = planted.plant('password of a URL')
  const credential = folder.write('credential', planted.plant('credential'))
  const wrong = folder.write('kong.yml', wrongConfiguration())
  const nobody = `https://127.0.0.1:${redis.port}`
  const common = ['--sub', 'svc://a/b', '--aud', 'a', '--act', 'b']
  const texts = await Promise.all([
    oathmesh('inspect', token('inspect')),
    oathmesh('explain', token('explain'), '--config', wrong),
    oathmesh('inspect', pem),
    oathmesh('jwks', key),
    oathmesh('mint', '--key', pem, ...common),
    oathmesh('token', '--issuer', nobody, '--credential-file', credential, ...common),
    oathmesh('curl', '-v', '--issuer', nobody, '--credential-file', credential, ...common, nobody),
    oathmesh('revocations', '--redis', `redis://u:${password}@${redis.host}:${redis.port}`),
    oathmesh('kong', 'validate', wrong),
    oathmesh('kong', 'validate', wrong, '--json'),
    oathmesh('kong', 'lint', wrong),
    oathmesh('audit', 'verify', credential, '--key-file', credential),
    oathmesh('status', '--json', '--socket', credential),
  ])
  for (const text of texts) {
    expect(text.length).toBeGreaterThan(20)
    expect([planted.foundIn(text), text]).toEqual([[], text])
  }
}, 60_000)

/** Secrets where they may be, and where they may not, none of them acceptable. */
function wrongConfiguration(): string {
  const secret = planted.plant('secret of a configuration')
  const config = {
    ...BASE_CONFIG,
    issuers: [{ issuer: `https://u:${secret}@issuer.example` }],
    redis: { host: `redis://u:${secret}@h`, password: [secret], sentinel_password: secret },
    audit: { hmac_key: secret, hmac_key_file: secret },
  }
  const plugins = [{ name: 'oathmesh', config }]
  return stringify({ _format_version: '3.0', services: [{ name: 's', url: 'http://u', plugins }] })
}

function spawned(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      output += text
    })
  }
  return new Promise((done) => child.once('close', () => done(output)))
}

function serve() {
  const bundle = join(__dirname, '../../dist/bin/oathmesh.cjs')
  const args = [bundle, 'serve', '--config', 'issuer.yaml']
  const child = spawn(process.execPath, args, { cwd: folder.path })
  const served = {
    child,
    output: '',
    exited: new Promise((done) => child.once('close', done)),
    async said(pattern: RegExp): Promise<RegExpExecArray> {
      for (;;) {
        const found = pattern.exec(served.output)
        if (found !== null) return found
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
  }
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      served.output += text
    })
  }
  return Object.assign(served, {
    origin: served.said(/listens on (\S+)\n/).then(([, url = '']) => url),
  })
}
