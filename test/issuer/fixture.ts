import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashSecret } from '../../issuer/clients/secret-hash.ts'
import { IssuerServer, type ListenOptions } from '../../issuer/http/issuer-server.ts'
import { createIssuer } from '../../issuer/issuer.ts'
import type { IssuerSettings } from '../../issuer/issuer-settings.ts'
import { readIssuerKey } from '../../issuer/keys/issuer-key.ts'
import { KeySchedule } from '../../issuer/keys/key-schedule.ts'
import type { MintRule } from '../../issuer/mint-policy.ts'
import type { OidcProviderSettings } from '../../issuer/oidc/oidc-provider.ts'
import type { RevocationList } from '../../lib/revocation/revocation-list.ts'
import { KEYS } from '../../testkit/keys.ts'
import { RecordingLog } from '../lib/keys/fixture.ts'

/** Where the tests begin, in Unix seconds. */
export const NOW = 1_774_911_000
export const ISSUER = 'https://issuer.acme.example'
export const API = 'https://inventory.internal'
export const SECRET = 'CwqFz7m8cQ5TRvkTdC3xWzqgUqA2yPq1o5b8h0Yk9dE'

/** An issuer key of the published test keys. */
export function issuerKey(name: 'trusted' | 'second', activeAt = 0) {
  const pem = KEYS[name].privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  return readIssuerKey(activeAt === 0 ? 'issuer.pem' : `${activeAt}.${name}.pem`, pem)
}

export const ALLOW_BILLING: MintRule = {
  name: 'billing',
  callers: ['client:billing'],
  allow: true,
  match: { sub: 'svc://acme/billing', aud: API, act: 'inventory.*' },
  scopes: ['inventory:*'],
}

let billingHash: Promise<string> | undefined

/** Settings with one client, `billing`, and one rule for it. */
export async function settings(changes: Partial<IssuerSettings> = {}): Promise<IssuerSettings> {
  billingHash ??= hashSecret(SECRET)
  return {
    issuer: ISSUER,
    jwksTtlSeconds: 60,
    clients: [{ name: 'billing', secretHashes: [await billingHash] }],
    providers: [],
    rules: [ALLOW_BILLING],
    rateLimit: { perMinute: 6000, burst: 1000 },
    attemptLimit: { perMinute: 6000, burst: 1000 },
    revocation: { rules: [], readers: [] },
    ...changes,
  }
}

/** A provider of GitHub's kind at this address. */
export function githubProvider(issuer: string): OidcProviderSettings {
  return {
    name: 'github',
    issuer,
    audience: ISSUER,
    keys: { from: 'discovery', issuer },
    allowHttp: true,
    algorithms: ['RS256', 'ES256'],
    require: { repository_owner: ['acme'], ref: ['refs/heads/main'] },
    subject:
      'job://github/{repository|path}/{workflow_ref|after:/.github/workflows/|before:@refs/}',
    source: {
      type: 'github_actions',
      repo: '{repository}',
      workflow: '{workflow}',
      run_id: '{run_id}',
      sha: '{sha}',
    },
  }
}

/** A revocation list in memory. */
export class MemoryRevocations implements RevocationList {
  readonly revoked = new Map<string, number>()
  away = false

  async isRevoked(subject: string): Promise<boolean> {
    return this.revoked.has(subject)
  }

  async revoke(subject: string, at: number): Promise<void> {
    if (this.away) throw new Error('connect ECONNREFUSED 10.9.8.7:6379')
    this.revoked.set(subject, at)
  }

  async unrevoke(subject: string): Promise<void> {
    this.revoked.delete(subject)
  }

  async list() {
    if (this.away) throw new Error('connect ECONNREFUSED 10.9.8.7:6379')
    return [...this.revoked].map(([subject, at]) => ({
      subject,
      revokedAt: new Date(at).toISOString(),
    }))
  }
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  readonly json: Readonly<Record<string, unknown>>
}

export interface TestCall {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Uint8Array
  readonly authorization?: string
}

/** An issuer that listens on loopback, with a clock and a stopwatch that tests move. */
export class TestIssuer {
  readonly audit: Record<string, unknown>[] = []
  readonly log = new RecordingLog()
  readonly keys = { schedule: new KeySchedule([issuerKey('trusted')], 60) }
  nowMs = NOW * 1000
  watchMs = 5000
  #server: IssuerServer | undefined

  static async start(
    changes: Partial<IssuerSettings> = {},
    options: Partial<ListenOptions> & { readonly revocations?: RevocationList } = {},
  ): Promise<TestIssuer> {
    const { revocations, ...listen } = options
    const test = new TestIssuer()
    const issuer = createIssuer({
      settings: await settings(changes),
      keys: test.keys,
      revocations,
      audit: { write: (line) => void test.audit.push(JSON.parse(line)) },
      clock: { now: () => test.nowMs },
      stopwatch: () => test.watchMs,
      log: test.log,
    })
    test.#server = await IssuerServer.start(issuer, { host: '127.0.0.1', port: 0, ...listen })
    return test
  }

  get origin(): string {
    return this.#server?.origin ?? ''
  }

  get server(): IssuerServer {
    if (this.#server === undefined) throw new Error('not started')
    return this.#server
  }

  advance(seconds: number): void {
    this.nowMs += seconds * 1000
    this.watchMs += seconds * 1000
  }

  /** Asks for a token. */
  mint(authorization: string, body: object | string): Promise<Answer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    return this.call('/v1/token', { authorization, body: text })
  }

  call(
    path: string,
    { method, headers = {}, body, authorization }: TestCall = {},
  ): Promise<Answer> {
    const { promise, resolve, reject } = withResolvers<Answer>()
    const sent = request(`${this.origin}${path}`, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      agent: false,
      headers: {
        // Node itself declares no length for DELETE.
        ...(body !== undefined && {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        }),
        ...(authorization !== undefined && { authorization }),
        ...Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [
            name,
            typeof value === 'string' ? value : [...value],
          ]),
        ),
      },
    })
    sent.once('error', reject)
    sent.once('response', (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.once('error', reject)
      answer.once('end', () => {
        const text = Buffer.concat(chunks).toString()
        const json = text.startsWith('{') ? JSON.parse(text) : {}
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, json })
      })
    })
    sent.end(body)
    return promise
  }

  stop(): Promise<void> {
    return this.server.stop()
  }
}

export function basic(name = 'billing', secret = SECRET): string {
  return `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`
}

export const BILLING_TOKEN = { sub: 'svc://acme/billing', aud: API, act: 'inventory.read' }

/** A folder that disappears with the test. */
export function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'oathmesh-issuer-'))
  return {
    path,
    write(name: string, content: string, mode = 0o600): string {
      const file = join(path, name)
      writeFileSync(file, content, { mode })
      return file
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => {}
  let reject: (reason: unknown) => void = () => {}
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
