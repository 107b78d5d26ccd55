import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { RedisSettings } from '../lib/redis/redis-settings.ts'
import { freePort, RedisServer, STARTUP_MS, until } from './redis-server.ts'

const run = promisify(execFile)

export interface Certificates {
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
}

/** An authority, and a certificate of it for `redis.test` and nothing else, in `dir`. */
export async function makeCertificates(dir: string): Promise<Certificates> {
  const [caFile, caKey] = [join(dir, 'ca.pem'), join(dir, 'ca.key')]
  const [certFile, keyFile, request] = [
    join(dir, 'tls.pem'),
    join(dir, 'tls.key'),
    join(dir, 'csr'),
  ]
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const openssl = (...args: string[]) => run('openssl', args)
  await openssl('req', '-x509', ...newKey, '-keyout', caKey, '-out', caFile, '-subj', '/CN=ca')
  await openssl('req', ...newKey, '-keyout', keyFile, '-out', request, '-subj', '/CN=redis.test')
  const extensions = join(dir, 'ext')
  writeFileSync(extensions, 'subjectAltName=DNS:redis.test\n')
  // biome-ignore format: pairs
  await openssl(
    'x509', '-req', '-in', request, '-CA', caFile, '-CAkey', caKey, '-CAcreateserial',
    '-extfile', extensions, '-out', certFile,
  )
  return { caFile, certFile, keyFile }
}

/** A server that speaks TLS on its port and nothing else there. */
export async function startTls(): Promise<{ server: RedisServer; certificates: Certificates }> {
  const dir = mkdtempSync(join(tmpdir(), 'om-redis-'))
  const certificates = await makeCertificates(dir)
  const { caFile, certFile, keyFile } = certificates
  const port = await freePort()
  // biome-ignore format: pairs
  const server = await RedisServer.start({
    port,
    dir,
    args: [
      '--port', '0', '--tls-port', `${port}`, '--tls-auth-clients', 'no',
      '--tls-cert-file', certFile, '--tls-key-file', keyFile, '--tls-ca-cert-file', caFile,
    ],
    cliArgs: ['--tls', '--insecure'],
  })
  return { server, certificates }
}

/** A replica without the data of its master is never promoted. */
async function isSynchronised(server: RedisServer): Promise<boolean> {
  return !(await server.cli('info', 'replication')).includes('master_link_status:down')
}

const MASTER_NAME = 'oathmesh'

/** A master, its replica and a Sentinel that promotes the replica when the master is gone. */
export class SentinelEstate {
  readonly #servers: RedisServer[]

  private constructor(servers: RedisServer[]) {
    this.#servers = servers
  }

  static async start(): Promise<SentinelEstate> {
    const args = ['--repl-diskless-sync-delay', '0']
    const master = await RedisServer.start({ args })
    const replicaOf = ['--replicaof', '127.0.0.1', `${master.port}`]
    const replica = await RedisServer.start({ args: [...args, ...replicaOf] })
    // Sentinel looks for replicas when it starts and then not for ten seconds.
    await until(() => isSynchronised(replica), STARTUP_MS)
    const dir = mkdtempSync(join(tmpdir(), 'om-redis-'))
    const file = join(dir, 'sentinel.conf')
    writeFileSync(
      file,
      [
        `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${master.port} 1`,
        `sentinel down-after-milliseconds ${MASTER_NAME} 500`,
        `sentinel failover-timeout ${MASTER_NAME} 3000`,
        '',
      ].join('\n'),
    )
    const sentinel = await RedisServer.start({ args: [file, '--sentinel'], dir, plain: true })
    const known = async () =>
      (await sentinel.cli('sentinel', 'replicas', MASTER_NAME)).includes(`${replica.port}`)
    await until(known, 2 * STARTUP_MS)
    return new SentinelEstate([master, replica, sentinel])
  }

  get master(): RedisServer {
    return this.#at(0)
  }

  get replica(): RedisServer {
    return this.#at(1)
  }

  get sentinel(): RedisServer {
    return this.#at(2)
  }

  /**
   * Has Sentinel promote the replica though the master is well, and resolves when that is done. Sentinel
   * gives an order up without a word when the replica answers late, so it may have to be told again.
   */
  async promote(limitMs: number): Promise<void> {
    await until(async () => {
      if ((await this.replica.cli('role')).startsWith('master')) return true
      await this.sentinel.cli('sentinel', 'failover', MASTER_NAME)
      return false
    }, limitMs)
  }

  get settings(): RedisSettings {
    const { sentinel } = this
    return {
      ...this.master.settings,
      port: 1,
      sentinelMaster: MASTER_NAME,
      sentinelNodes: [{ host: sentinel.host, port: sentinel.port }],
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()))
  }

  #at(index: number): RedisServer {
    const server = this.#servers[index]
    if (server === undefined) throw new RangeError(`no server ${index}`)
    return server
  }
}

interface ClusterOptions {
  readonly replicas: 0 | 1
  readonly more?: readonly string[]
}

/** A Cluster of three masters, each with a replica when asked for. */
export class ClusterEstate {
  readonly servers: readonly RedisServer[]

  private constructor(servers: readonly RedisServer[]) {
    this.servers = servers
  }

  /** `more`: options of every server. */
  static async start({ replicas, more = [] }: ClusterOptions): Promise<ClusterEstate> {
    const cluster = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000']
    const args = [...cluster, '--repl-diskless-sync-delay', '0', ...more]
    const starting = Array.from({ length: 3 * (1 + replicas) }, () => RedisServer.start({ args }))
    const servers = await Promise.all(starting)
    const addresses = servers.map(({ host, port }) => `${host}:${port}`)
    const options = ['--cluster-replicas', `${replicas}`, '--cluster-yes']
    await run('redis-cli', ['--cluster', 'create', ...addresses, ...options])
    const agreed = async (server: RedisServer) =>
      (await server.cli('cluster', 'info')).includes('cluster_state:ok')
    for (const server of servers) await until(() => agreed(server), STARTUP_MS)
    for (const server of servers) await until(() => isSynchronised(server), STARTUP_MS)
    return new ClusterEstate(servers)
  }

  get settings(): RedisSettings {
    const [first] = this.servers
    if (first === undefined) throw new RangeError('no servers')
    return {
      ...first.settings,
      port: 1,
      clusterNodes: this.servers.slice(0, 3).map(({ host, port }) => ({ host, port })),
    }
  }

  /** Moves slots from one master to another, keys and all, while the Cluster serves. */
  async move(slots: number, from: RedisServer, to: RedisServer): Promise<void> {
    // biome-ignore format: pairs
    await run('redis-cli', [
      '--cluster', 'reshard', `${from.host}:${from.port}`, '--cluster-slots', `${slots}`,
      '--cluster-from', await from.cli('cluster', 'myid'), '--cluster-to', await to.cli('cluster', 'myid'),
      '--cluster-yes', '--cluster-pipeline', '1',
    ], { maxBuffer: 64 * 1024 * 1024 })
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()))
  }
}
