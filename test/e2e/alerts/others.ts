import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { ClockFile } from '../../../testkit/conformance/clock-file.ts'
import { EnvoyService } from '../../../testkit/envoy-service.ts'
import { freshToken } from '../../../testkit/fresh-token.ts'
import { httpCall } from '../../../testkit/http-call.ts'
import { KEYS } from '../../../testkit/keys.ts'
import { freePort } from '../../../testkit/listen.ts'
import { RedisServer, until } from '../../../testkit/redis-server.ts'
import { issuerConfig } from '../../cli/issuer/config.ts'
import { BILLING_TOKEN, basic } from '../../issuer/fixture.ts'
import { both, CONFIG, type Target } from './target.ts'

/** An Envoy service whose clock is ten minutes ahead: to it, every token has expired. */
export async function envoyClockIsAhead(): Promise<Target> {
  const address = `127.0.0.1:${await freePort()}`
  const clock = new ClockFile()
  let ahead = false
  const set = () => clock.set(Math.floor(Date.now() / 1000) + (ahead ? 600 : 0))
  set()
  const running = setInterval(set, 500)
  const service = await EnvoyService.start({
    policies: { default: CONFIG },
    flags: ['--listen-http', '127.0.0.1:0', '--metrics', address],
    env: clock.env,
  })
  const [, port] = /http 127\.0\.0\.1:(\d+)/.exec(service.errors) ?? []
  return {
    job: 'oathmesh-envoy',
    address,
    raises: ['OathMeshClock warning', ...both('OathMeshBurstOf401', CONFIG.audience)],
    // A check that has waited through a standstill of the service is refused.
    mayRaise: both('OathMeshUnavailable', CONFIG.audience),
    call() {
      const headers = ['Authorization', `OathMesh ${freshToken()}`]
      httpCall(`http://127.0.0.1:${port}`, { path: '/envoy/default/items', headers }).catch(
        () => {},
      )
    },
    begin: async () => {
      ahead = true
    },
    async stop() {
      await service.stop()
      clearInterval(running)
      clock.remove()
    },
  }
}

const REVOCATIONS = '/v1/admin/revoke'

interface IssuerFault {
  readonly raises: readonly string[]
  /** When its key begins to sign, in Unix seconds. */
  readonly keySince: number
  /** Of the body, behind the headers. */
  readonly delayMs: () => number
  readonly begin?: (issuer: ChildProcess) => void
}

/** An issuer as it ships, whose caller mints. */
async function issuer(fault: IssuerFault): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'om-issuer-'))
  const redis = await RedisServer.start()
  const [port, metrics] = [await freePort(), await freePort()]
  const address = `127.0.0.1:${metrics}`
  const pem = KEYS.trusted.privateKey.export({ format: 'pem', type: 'pkcs8' })
  writeFileSync(join(folder, `${fault.keySince}.pem`), pem, { mode: 0o600 })
  const config = join(folder, 'issuer.yaml')
  const settings = {
    listen: { port },
    keys: { directory: folder },
    metrics: { listen: address },
    rate_limit: { per_minute: 60_000, burst: 10_000 },
    revocation: {
      redis: { host: redis.host, port: redis.port },
      admins: [{ callers: ['client:billing'], subjects: ['*'] }],
    },
  }
  writeFileSync(config, stringify(await issuerConfig(settings)))
  const args = [resolve('dist/bin/oathmesh.cjs'), 'serve', '--config', config]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  await until(() => errors.includes(' listens on '), 30_000).catch(() => {
    child.kill('SIGKILL')
    throw new TypeError(errors)
  })
  return {
    job: 'oathmesh-issuer',
    address,
    raises: fault.raises,
    call() {
      ask(port, { path: '/v1/token', body: BILLING_TOKEN, delayMs: fault.delayMs() })
      // What happens on any day: a call too far, somebody locked out and let in again.
      ask(port, { path: '/v1/token', body: { ...BILLING_TOKEN, act: 'payroll.read' } })
      ask(port, { path: REVOCATIONS, body: { sub: 'svc://acme/cart' } })
      ask(port, { path: REVOCATIONS, body: { sub: 'svc://acme/cart' }, method: 'DELETE' })
    },
    begin: async () => fault.begin?.(child),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      await redis.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Its key should have been rotated long ago, and its callers' bodies come late. */
export function issuerIsNeglected(): Promise<Target> {
  return issuer({
    raises: [...both('OathMeshMintSlow'), 'OathMeshKeyOverdue warning'],
    keySince: 1_600_000_000,
    delayMs: () => 1500,
  })
}

/** It is killed, and nobody starts it again. */
export function issuerDies(): Promise<Target> {
  return issuer({
    raises: ['OathMeshDown critical'],
    keySince: Math.floor(Date.now() / 1000),
    delayMs: () => 0,
    begin: (child) => {
      child.kill('SIGKILL')
    },
  })
}

interface Question {
  readonly path: string
  readonly body: object
  readonly method?: string
  /** Of the body, behind the headers. */
  readonly delayMs?: number
}

/** Asks an issuer, and waits for no answer. */
function ask(port: number, { path, body, method = 'POST', delayMs = 0 }: Question): void {
  const text = JSON.stringify(body)
  const headers = {
    authorization: basic(),
    'content-type': 'application/json',
    'content-length': text.length,
  }
  const sent = request({ port, path, method, headers, agent: false })
  sent.on('error', () => {}).on('response', (answer) => answer.resume())
  sent.flushHeaders()
  setTimeout(() => sent.end(text), delayMs)
}
