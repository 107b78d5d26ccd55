import { ClusterEstate, SentinelEstate } from '../../../testkit/redis-estates.ts'
import { freePort, RedisServer } from '../../../testkit/redis-server.ts'
import { type FakePeer, startPeer } from '../../sdk/node/fixture.ts'
import { CommandFolder } from '../command-folder.ts'

// What an operator reads when the Redis that was named is of no use: which one, and why.

interface Node {
  readonly host: string
  readonly port: number
}

const folder = new CommandFolder()
let redis: RedisServer
let sentinels: SentinelEstate
let cluster: ClusterEstate
let web: FakePeer
let nobody: number

beforeAll(async () => {
  redis = await RedisServer.start({
    args: ['--requirepass', 'planted-password'],
    cliArgs: ['-a', 'planted-password', '--no-auth-warning'],
  })
  await redis.cli('acl', 'setuser', 'mute', 'on', '>planted-mute', '~*', '+@all', '-info')
  await redis.cli('acl', 'setuser', 'blind', 'on', '>planted-blind', '~*', '+@all', '-hgetall')
  sentinels = await SentinelEstate.start()
  cluster = await ClusterEstate.start({ replicas: 0 })
  web = await startPeer((_, response) => response.end('hello'))
  nobody = await freePort()
}, 90_000)

afterAll(async () => {
  folder.remove()
  await Promise.all([redis.stop(), sentinels.stop(), cluster.stop(), web.stop()])
})

function revocations(config: object) {
  const entity = {
    audience: 'https://api.example',
    issuers: [{ issuer: 'https://issuer.example' }],
    policy: { allow_all: true },
    replay: { store: 'redis' },
    redis: { connect_timeout: 2000, ...config },
  }
  const plugins = [{ name: 'oathmesh', config: entity }]
  folder.write('kong.yml', JSON.stringify({ _format_version: '3.0', plugins }))
  return folder.run(['revocations', '--config', 'kong.yml'])
}

const single = (more: object) => ({ host: '127.0.0.1', port: redis.port, ...more })
const seeds = () => cluster.servers.map(({ host, port }) => ({ host, port }))
const sentinel = () => [{ host: '127.0.0.1', port: sentinels.sentinel.port }]
const bySentinel = (more: object) => ({
  sentinel_master: 'oathmesh',
  sentinel_nodes: sentinel(),
  ...more,
})

describe('one server is named with the cause', () => {
  test.each<[string, () => object, RegExp]>([
    ['a wrong password', () => single({ password: 'planted-wrong' }), /WRONGPASS/],
    ['an unknown user', () => single({ username: 'x', password: 'planted-x' }), /WRONGPASS/],
    ['no password', () => single({}), /NOAUTH/],
    [
      'no such database',
      () => single({ password: 'planted-password', database: 99 }),
      /DB index is out of range/,
    ],
    [
      'no right to ask',
      () => single({ username: 'blind', password: 'planted-blind' }),
      /NOPERM.*hgetall/,
    ],
    ['nobody there', () => single({ port: nobody }), /ECONNREFUSED/],
    ['no TLS spoken there', () => single({ ssl: true }), /no connection within 2000 ms|ETIMEDOUT/],
    ['no such name', () => single({ host: 'no.invalid' }), /ENOTFOUND|EAI_AGAIN/],
    [
      'another kind of server',
      () => single({ port: Number(new URL(web.origin).port) }),
      /Unknown RESP type/,
    ],
  ])('%s', async (_, config, cause) => {
    const { stderr, stdout, exitCode } = await revocations(config())
    const { host, port } = config() as ReturnType<typeof single>
    expect(stderr).toContain(`oathmesh: Redis at ${host}:${port}: `)
    expect(stderr).toMatch(cause)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    expect([stdout, exitCode]).toEqual(['', 2])
  })

  test('a server that keeps INFO to itself is of use', async () => {
    const written = await revocations(single({ username: 'mute', password: 'planted-mute' }))
    expect(written).toEqual({ stdout: '', stderr: '0 revoked subjects\n', exitCode: 0 })
  })
})

describe('Sentinel is named with the cause', () => {
  test.each<[string, () => object, RegExp]>([
    [
      'nobody there',
      () => ({ sentinel_nodes: [{ host: '127.0.0.1', port: nobody }] }),
      /; 127\.0\.0\.1:\d+: .*connect ECONNREFUSED/,
    ],
    ['a master it does not know', () => ({ sentinel_master: 'other' }), /ERR No such master/],
    [
      'a user the master does not know',
      () => ({ username: 'x', password: 'planted-wrong' }),
      /WRONGPASS/,
    ],
  ])('%s', async (_, more, cause) => {
    const config = bySentinel(more())
    const { stderr, exitCode } = await revocations(config)
    const [{ port = 0 } = {}] = config.sentinel_nodes
    const name = `${config.sentinel_master} by Sentinel at 127.0.0.1:${port}`
    expect(stderr).toContain(`oathmesh: Redis ${name}: `)
    expect(stderr).toMatch(cause)
    expect(exitCode).toBe(2)
  })
})

describe('a Cluster is named with the cause', () => {
  test.each<[string, () => Node[], object, RegExp]>([
    [
      'nobody there',
      () => [{ host: '127.0.0.1', port: nobody }],
      {},
      /; 127\.0\.0\.1:\d+: .*connect ECONNREFUSED/,
    ],
    [
      'a user that it does not know',
      seeds,
      { username: 'x', password: 'planted-wrong' },
      /WRONGPASS/,
    ],
    ['no Cluster', () => [{ host: '127.0.0.1', port: sentinels.master.port }], {}, /cluster/i],
    ['no password', () => [{ host: '127.0.0.1', port: redis.port }], {}, /NOAUTH/],
  ])('%s', async (_, nodes, more, cause) => {
    const { stderr, exitCode } = await revocations({
      cluster_nodes: nodes().map(({ host: ip, port }) => ({ ip, port })),
      ...more,
    })
    const addresses = nodes().map((n) => `${n.host}:${n.port}`)
    expect(stderr).toContain(`oathmesh: Redis Cluster at ${addresses.join(', ')}: `)
    expect(stderr).toMatch(cause)
    expect(exitCode).toBe(2)
  })
})
