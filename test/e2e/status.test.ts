import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { askStatus } from '../../cli/status/ask-status.ts'
import { renderPlugins } from '../../kong/guard/render.ts'
import { nativeFunctions } from '../../kong/local-gateway/guard-functions.ts'
import type { StatusReport } from '../../lib/status/report.ts'
import { childrenOf } from '../../testkit/children-of.ts'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { document, JwksServer } from '../../testkit/jwks-server.ts'
import { KEYS, publicJwk } from '../../testkit/keys.ts'
import { STOCK_PLUGIN_SERVER } from '../../testkit/plugin-commands.ts'
import { RedisServer, until } from '../../testkit/redis-server.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'
import { asBundle, inProcess } from '../cli/kong/execute.ts'

const SCHEMA = JSON.parse(readFileSync(resolve('schema/status.schema.json'), 'utf8')) as object
const isStatus = new Ajv2020({ allErrors: true }).compile(SCHEMA)
const PASSWORD = {
  args: ['--requirepass', 'planted-password'],
  cliArgs: ['-a', 'planted-password', '--no-auth-warning'],
}
const SECRETS = ['planted-password', 'k'.repeat(32), 'planted-user']

let stack: Loopback
let redis: RedisServer
let issuer: JwksServer
let policyFile: string
let socket: string
afterAll(closeHttpCalls)

/** What differs from run to run, by what it is. */
function steady(text: string): string {
  return text
    .replaceAll(stack.prefix, 'PREFIX')
    .replaceAll(redis.dir, 'FOLDER')
    .replaceAll(`127.0.0.1:${redis.port}`, 'REDIS')
    .replaceAll(issuer.origin, 'ISSUER')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'UUID')
    .replaceAll(/pid \d+/g, 'pid PID')
    .replaceAll(/Node\.js v[\d.]+/g, 'Node.js VERSION')
    .replaceAll(/version \d+\.\d+\.\d+\S*,/g, 'version VERSION,')
    .replaceAll(/sha256 [0-9a-f]{12}/g, 'sha256 DIGEST')
    .replaceAll(/\d+ s old/g, 'N s old')
    .replaceAll(/\d+ fetch(?:es)?, \d+ failed/g, 'FETCHES')
    .replaceAll(/, \d+ faulty versions? so far/g, '')
    .replaceAll(/away \d+ times?/g, 'away N times')
    .replaceAll(/: \d+ (written|of 200000)/g, ': N $1')
    .replaceAll(/\d+ connections?, \d+ calls? under way/g, 'LOAD')
}

/** The command. In a process of its own it would mostly be busy with starting. */
async function ask(...flags: string[]) {
  const args = ['status', '--socket', socket, ...flags]
  const { stdout, stderr, exitCode } = await inProcess({ args, stdin: undefined }, stack.prefix)
  for (const secret of SECRETS) expect(stdout + stderr).not.toContain(secret)
  return { stdout, stderr, exitCode }
}

/** Compares with the file of this name; with TRANSCRIPTS=write it is written, to be read before it is committed. */
async function transcript(name: string, ...flags: string[]): Promise<void> {
  const { stdout, stderr, exitCode } = await ask(...flags)
  const command = ['oathmesh status --socket', socket, ...flags].join(' ')
  // What else it tells depends on which worker has just been replaced; the log, on the moment.
  const shown = stdout.replace(name === 'healthy' ? /^last warnings\n.*/ms : /^process\n.*/ms, '')
  const played = steady(`$ ${command}\n${shown}${stderr}[${exitCode}]\n`)
  const file = join(__dirname, 'status', `${name}.txt`)
  if (process.env['TRANSCRIPTS'] === 'write') writeFileSync(file, played)
  else expect(played).toBe(readFileSync(file, 'utf8'))
}

async function report(): Promise<StatusReport> {
  const asked = await askStatus(socket, 5000)
  if (asked.as !== 'report') throw new Error(asked.detail)
  return asked.report
}

const found = async () => (await report()).findings.map(({ what }) => what)
const becomes = (...words: readonly string[]) =>
  until(async () => JSON.stringify(await found()) === JSON.stringify(words), 20_000)

const workers = () => childrenOf(stack.pluginServer.pid)

const call = (path: string) =>
  httpCall(stack.url, { path, headers: ['Authorization', `OathMesh ${freshToken()}`] })

function writePolicy(text?: string): void {
  const issuers = BASE_CONFIG.issuers.slice(0, 1).map(({ issuer: name }) => name)
  const rules = [{ name: 'default', allow: false }]
  const document = { version: 1, issuers, audiences: [BASE_CONFIG.audience], rules }
  writeFileSync(policyFile, text ?? JSON.stringify(document))
}

describe('oathmesh status of two workers', () => {
  beforeAll(async () => {
    redis = await RedisServer.start(PASSWORD)
    issuer = await JwksServer.start(document({ keys: [publicJwk(KEYS.trusted)] }))
    policyFile = join(redis.dir, 'policy.json')
    writePolicy()
    const inline = { ...BASE_CONFIG, issuers: BASE_CONFIG.issuers.slice(0, 1) }
    stack = await startOnLoopback({
      plugin: { flags: ['--workers', '2'] },
      respawnDelayMs: 3_600_000,
      entities: serviceWith({
        '/items': {
          ...inline,
          audit: { sink: 'file', file: join(redis.dir, 'a.log'), hmac_key: 'k'.repeat(32) },
        },
        '/redis': {
          ...inline,
          enforcement: 'observe',
          replay: { store: 'redis' },
          redis: { host: '127.0.0.1', port: redis.port, password: 'planted-password' },
        },
        '/remote': {
          ...inline,
          issuers: [{ issuer: issuer.origin }],
          keys: { allow_http: true },
        },
        '/policy': { ...inline, policy: { file: policyFile } },
        '/faulty': { ...inline, issuers: [{ issuer: 'https://i.example', jwks: '{"keys":[]}' }] },
      }),
    })
    socket = join(stack.prefix, 'js_pluginserver.sock')
    for (const path of ['/items', '/redis', '/remote', '/policy']) await call(path)
    await until(async () => (await report()).issuers.every(({ state }) => state === 'fresh'), 5000)
    await until(async () => (await report()).redis[0]?.state === 'up', 5000)
  })
  afterAll(async () => {
    await stack.stop()
    await redis.stop()
    await issuer.stop()
  })

  test('is healthy', async () => {
    await becomes()
    await transcript('healthy')
    const args = ['status', '--socket', socket]
    const { stdout, exitCode } = await asBundle({ args, stdin: undefined }, stack.prefix)
    expect([exitCode, steady(stdout).split('\n')[0]]).toEqual([
      0,
      'healthy  PREFIX/js_pluginserver.sock',
    ])
  })

  test('is as its schema says with --json, for each state', async () => {
    const { stdout, exitCode } = await ask('--json')
    isStatus(JSON.parse(stdout))
    expect(isStatus.errors).toBe(null)
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'healthy',
      server: {
        pid: stack.pluginServer.pid,
        wire: 'protobuf',
        workers: { wanted: 2, ready: 2, silent: [] },
      },
      memory: { entries: expect.any(Number) },
    })
  })

  test('asks at a socket that is its owner’s alone', () => {
    expect(statSync(`${socket}.status`).mode & 0o777).toBe(0o600)
  })

  test('names the Redis that is away', async () => {
    await redis.kill()
    await becomes('redis_away')
    await transcript('redis-away')
    await transcript('redis-away-alive', '--alive')
    const { stdout } = await ask('--json')
    isStatus(JSON.parse(stdout))
    expect(isStatus.errors).toBe(null)
    redis = await RedisServer.start({ ...PASSWORD, from: redis })
    await becomes()
  })

  test('names the issuer whose keys are lost', async () => {
    await issuer.stop()
    process.kill(stack.pluginServer.pid ?? 0, 'SIGHUP')
    await becomes('keys_missing')
    await transcript('keys-missing')
    await issuer.resume()
    process.kill(stack.pluginServer.pid ?? 0, 'SIGHUP')
    await becomes()
  })

  test('names the policy file whose newest version is faulty', async () => {
    writePolicy('{"version": 2}')
    await becomes('policy_outdated')
    await transcript('policy-outdated')
    writePolicy()
    await becomes()
  })

  test('names the worker that is frozen', async () => {
    const [frozen = 0] = workers()
    process.kill(frozen, 'SIGSTOP')
    try {
      expect((await report()).server.workers).toEqual({ wanted: 2, ready: 2, silent: [frozen] })
      await transcript('worker-silent')
    } finally {
      process.kill(frozen, 'SIGCONT')
    }
    await becomes()
  })

  test('says that a worker is being started', async () => {
    let seen = false
    await until(async () => {
      const before = workers()
      if (before.length === 2) process.kill(before[0] ?? 0, 'SIGKILL')
      seen ||= (await found()).includes('worker_missing')
      return seen
    }, 20_000)
    await becomes()
  })

  test('names the route whose configuration cannot be used', async () => {
    expect((await call('/faulty')).status).toBe(500)
    await becomes('instance_faulty')
    await transcript('instance-faulty')
  })

  test('does not wait for a server that is frozen', async () => {
    process.kill(stack.pluginServer.pid ?? 0, 'SIGSTOP')
    try {
      await transcript('frozen', '--timeout', '300')
      await transcript('frozen-alive', '--timeout', '300', '--alive')
    } finally {
      process.kill(stack.pluginServer.pid ?? 0, 'SIGCONT')
    }
  })

  test('says of the socket of a dead process that nobody listens, and of none that there is none', async () => {
    process.kill(stack.pluginServer.pid ?? 0, 'SIGKILL')
    await until(async () => {
      const asked = await askStatus(socket, 1000)
      return asked.as === 'away' && asked.detail.includes('has ended')
    }, 5000)
    await transcript('dead')
    const { stdout } = await ask('--json')
    isStatus(JSON.parse(stdout))
    expect(isStatus.errors).toBe(null)
    rmSync(socket)
    rmSync(`${socket}.status`)
    await transcript('no-socket')
  })
})

describe('oathmesh status of other servers', () => {
  const quiet = { ...BASE_CONFIG, audit: { sink: 'none' } }

  test('sees the guard, on MessagePack as well, and goes with the server', async () => {
    stack = await startOnLoopback({
      plugin: { flags: ['--wire', 'msgpack'] },
      nativeFunctions,
      respawnDelayMs: 3_600_000,
      entities: serviceWith(
        { '/items': quiet },
        parse(renderPlugins({ kind: 'global' })) as object,
      ),
    })
    try {
      socket = join(stack.prefix, 'js_pluginserver.sock')
      await until(() => existsSync(`${socket}.status`), 5000)
      expect(await report()).toMatchObject({ status: 'healthy', instances: [], entities: [] })
      expect(await report()).not.toHaveProperty('guard')
      await call('/items')
      await until(async () => (await report()).guard === 'seen', 5000)
      const [instance] = (await report()).instances
      expect(instance).toMatchObject({ plugin: 'oathmesh', route: expect.any(String), count: 1 })
      process.kill(stack.pluginServer.pid ?? 0, 'SIGTERM')
      await until(() => !existsSync(`${socket}.status`), 5000)
    } finally {
      await stack.stop()
    }
  })

  test('says of the stock server that it does not say how it goes', async () => {
    stack = await startOnLoopback({
      plugin: { server: STOCK_PLUGIN_SERVER },
      entities: serviceWith({ '/items': quiet }),
    })
    try {
      socket = join(stack.prefix, 'js_pluginserver.sock')
      expect((await call('/items')).status).toBe(200)
      await transcript('stock-server')
      const { stdout } = await ask('--json')
      expect(JSON.parse(stdout)).toMatchObject({
        status: 'degraded',
        findings: [{ what: 'no_report' }],
      })
    } finally {
      await stack.stop()
    }
  })

  test('takes nothing that is no report, and lets nothing act on a terminal', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'oathmesh-status-'))
    socket = join(folder, 'any.sock')
    const peer = createServer((connection) => connection.end('{"format": 2}')).listen(
      `${socket}.status`,
    )
    try {
      await until(() => existsSync(`${socket}.status`), 5000)
      expect(await askStatus(socket, 1000)).toMatchObject({ as: 'unknown' })
      const evil = await inProcess(
        { args: ['status', '--socket', '/nowhere/\u001b[31m'], stdin: undefined },
        '/tmp',
      )
      expect(evil.stdout).toContain('\\u001b[31m')
      expect(evil.exitCode).toBe(2)
    } finally {
      peer.close()
      rmSync(folder, { recursive: true })
    }
  })
})
