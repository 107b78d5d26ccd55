import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { RedisSettings } from '../lib/redis/redis-settings.ts'
import { type Certificates, makeCertificates } from './redis-estates.ts'
import { freePort, RedisServer, STARTUP_MS, until } from './redis-server.ts'

const run = promisify(execFile)
const CLI = ['--tls', '--insecure']
const MASTER_NAME = 'oathmesh'

/** Servers that speak TLS to clients and to each other. */
export interface TlsEstate {
  /** Without an authority to trust and a name to expect. */
  readonly settings: RedisSettings
  readonly certificates: Certificates
  stop(): Promise<void>
}

/** A Cluster of three masters. */
export async function startTlsCluster(): Promise<TlsEstate> {
  const { dir, certificates, options } = await identity()
  const servers: RedisServer[] = []
  for (let n = 0; n < 3; n += 1) {
    const cluster = ['--cluster-enabled', 'yes', '--tls-cluster', 'yes']
    servers.push(await tlsServer(options, cluster))
  }
  const nodes = servers.map(({ host, port }) => ({ host, port }))
  const addresses = nodes.map(({ host, port }) => `${host}:${port}`)
  await run('redis-cli', [...CLI, '--cluster', 'create', ...addresses, '--cluster-yes'])
  for (const server of servers) {
    const agreed = async () => (await server.cli('cluster', 'info')).includes('cluster_state:ok')
    await until(agreed, STARTUP_MS)
  }
  return estate(dir, certificates, servers, { ...settingsOf(servers), clusterNodes: nodes })
}

/** A master and a Sentinel that names it. */
export async function startTlsSentinel(): Promise<TlsEstate> {
  const { dir, certificates, options } = await identity()
  const master = await tlsServer(options, [])
  const port = await freePort()
  const file = join(dir, 'sentinel.conf')
  writeFileSync(
    file,
    [
      `tls-port ${port}`,
      ...pairs(options).map(([name, value]) => `${name.slice(2)} ${value}`),
      `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${master.port} 1`,
      '',
    ].join('\n'),
  )
  const sentinel = await RedisServer.start({ args: [file, '--sentinel'], plain: true })
  const known = async () => (await sentinel.cli('sentinel', 'masters')).includes('flags\nmaster\n')
  await until(known, STARTUP_MS)
  return estate(dir, certificates, [master, sentinel], {
    ...settingsOf([master]),
    port: 1,
    sentinelMaster: MASTER_NAME,
    sentinelNodes: [{ host: '127.0.0.1', port }],
  })
}

async function identity() {
  const dir = mkdtempSync(join(tmpdir(), 'om-redis-tls-'))
  const certificates = await makeCertificates(dir)
  const { caFile, certFile, keyFile } = certificates
  // biome-ignore format: pairs
  const options = [
    '--tls-cert-file', certFile, '--tls-key-file', keyFile, '--tls-ca-cert-file', caFile,
    '--tls-auth-clients', 'no', '--tls-replication', 'yes',
  ]
  return { dir, certificates, options }
}

async function tlsServer(
  options: readonly string[],
  more: readonly string[],
): Promise<RedisServer> {
  const port = await freePort()
  const args = ['--port', '0', '--tls-port', `${port}`, ...options, ...more]
  return RedisServer.start({ port, args, cliArgs: CLI })
}

function settingsOf([first]: readonly RedisServer[]): RedisSettings {
  if (first === undefined) throw new RangeError('no servers')
  return { ...first.settings, ssl: true, timeoutMs: 2000, connectTimeoutMs: 5000 }
}

function estate(
  dir: string,
  certificates: Certificates,
  servers: readonly RedisServer[],
  settings: RedisSettings,
): TlsEstate {
  return {
    settings,
    certificates,
    async stop() {
      await Promise.all(servers.map((server) => server.stop()))
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function pairs(options: readonly string[]): readonly (readonly [string, string])[] {
  return options.flatMap((name, at) =>
    at % 2 === 0 ? [[name, options[at + 1] ?? ''] as const] : [],
  )
}
