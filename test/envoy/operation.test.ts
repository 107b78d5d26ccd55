import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ChannelCredentials, Client, credentials } from '@grpc/grpc-js'
import { EnvoyService } from '../../testkit/envoy-service.ts'
import { RedisServer, until } from '../../testkit/redis-server.ts'
import { RefusedChecks } from '../../testkit/refused-checks.ts'
import { residentKib } from '../../testkit/resident-kib.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'

const folder = mkdtempSync(join(tmpdir(), 'om-operation-'))
afterAll(() => rmSync(folder, { recursive: true }))

const same = (bytes: Buffer) => bytes

/** What a method answers with; rejects with the error of gRPC. */
function ask(
  address: string,
  path: string,
  creds: ChannelCredentials,
  request: Buffer = Buffer.alloc(0),
) {
  const client = new Client(address, creds)
  return new Promise<Buffer>((resolve, reject) => {
    const deadline = Date.now() + 10_000
    client.makeUnaryRequest(path, same, same, request, { deadline }, (fault, answer) => {
      if (fault !== null) reject(fault)
      else resolve(answer ?? Buffer.alloc(0))
    })
  }).finally(() => client.close())
}

const health = (address: string, creds = credentials.createInsecure()) =>
  ask(address, '/grpc.health.v1.Health/Check', creds)
const check = (address: string, request: Buffer) =>
  ask(address, '/envoy.service.auth.v3.Authorization/Check', credentials.createInsecure(), request)

const SERVING = Buffer.from([8, 1])
const NOT_SERVING = Buffer.from([8, 2])

describe('over TLS', () => {
  const file = (name: string) => join(folder, name)
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  let service: EnvoyService
  let address: string

  beforeAll(async () => {
    openssl(
      'req',
      '-x509',
      '-newkey',
      'ed25519',
      '-nodes',
      '-subj',
      '/CN=ca',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
    )
    for (const name of ['server', 'client']) {
      openssl(
        'req',
        '-newkey',
        'ed25519',
        '-nodes',
        '-subj',
        `/CN=${name}`,
        '-addext',
        'subjectAltName=DNS:localhost',
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.csr`,
      )
      openssl(
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        '-copy_extensions',
        'copy',
        '-out',
        `${name}.pem`,
      )
    }
    service = await EnvoyService.start({
      policies: { default: BASE_CONFIG },
      flags: [
        '--listen',
        '127.0.0.1:0',
        '--tls-cert',
        file('server.pem'),
        '--tls-key',
        file('server.key'),
        '--tls-client-ca',
        file('ca.pem'),
      ],
    })
    address = `localhost:${/127\.0\.0\.1:(\d+)/.exec(service.errors)?.[1]}`
  })
  afterAll(() => service.stop())

  test('answers whoever has a certificate of the authority', async () => {
    const [ca, key, cert] = ['ca.pem', 'client.key', 'client.pem'].map((name) =>
      readFileSync(file(name)),
    )
    expect(await health(address, credentials.createSsl(ca, key, cert))).toEqual(SERVING)
  })

  test.each([
    ['without a certificate', () => credentials.createSsl(readFileSync(file('ca.pem')))],
    ['without TLS', () => credentials.createInsecure()],
  ])('answers nobody %s', async (_, creds) => {
    await expect(health(address, creds())).rejects.toThrow(/UNAVAILABLE/)
  })
})

describe('health', () => {
  test('ends before the service does', async () => {
    const service = await EnvoyService.start({
      policies: { default: BASE_CONFIG },
      flags: ['--drain-ms', '2000'],
    })
    const address = `unix:${service.socketPath}`
    expect(await health(address)).toEqual(SERVING)
    const ended = service.end('SIGTERM')
    await until(async () => (await health(address)).equals(NOT_SERVING), 2000)
    expect(await ended).toBe(0)
    await service.stop()
  })
})

describe('workers', () => {
  test('each have a socket of their own, and are replaced', async () => {
    const redis = await RedisServer.start()
    const config = {
      ...BASE_CONFIG,
      replay: { store: 'redis' },
      redis: { host: redis.host, port: redis.port },
    }
    const service = await EnvoyService.start({
      policies: { default: config },
      flags: ['--workers', '2', '--drain-ms', '10', '--listen', `unix:${join(folder, 'om.sock')}`],
    })
    try {
      const sockets = [0, 1].map((worker) => join(folder, `om.${worker}.sock`))
      const alive = async () => {
        const answers = await Promise.all(sockets.map((path) => health(`unix:${path}`)))
        return answers.every((answer) => answer.equals(SERVING))
      }
      await until(alive, 20_000)
      expect(sockets.map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600])
      const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(service.pid)], {
        encoding: 'utf8',
      })
      const [first] = children.trim().split(/\s+/).map(Number)
      process.kill(first ?? 0, 'SIGKILL')
      await until(() => service.errors.includes('a worker has ended'), 10_000)
      await until(alive, 20_000)
      expect(await service.end('SIGTERM')).toBe(0)
    } finally {
      await service.stop()
      await redis.stop()
    }
  })
})

describe('limits', () => {
  test('a Check larger than a body and its headers may be is not read', async () => {
    const service = await EnvoyService.start({ policies: { default: BASE_CONFIG } })
    try {
      const address = `unix:${service.socketPath}`
      await expect(check(address, Buffer.alloc(300_000))).rejects.toThrow(/RESOURCE_EXHAUSTED/)
      // Field 2 of no known message, of four bytes: a Check that says nothing.
      const answer = await check(address, Buffer.from([0x12, 4, 1, 2, 3, 4]))
      expect(answer.toString('latin1')).toContain('verification_failed')
    } finally {
      await service.stop()
    }
  })

  test('refusals and garbage leave no memory behind', async () => {
    const service = await EnvoyService.start({
      policies: { default: { ...BASE_CONFIG, deadline_ms: 10_000, audit: { sink: 'none' } } },
    })
    const resident = () => residentKib(service.pid)
    const load = new RefusedChecks(service.socketPath)
    try {
      await load.send(2000)
      const before = resident()
      await load.send(4000)
      expect(resident() - before).toBeLessThan(30_000)
    } finally {
      load.close()
      await service.stop()
    }
  })
})
