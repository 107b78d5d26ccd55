import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { createIssuer, hashSecret, IssuerServer, KeySchedule } from '../issuer/index.ts'
import { readIssuerKey } from '../issuer/keys/issuer-key.ts'
import { type Claims, monotonic, systemClock } from '../lib/index.ts'
import { silentLog } from '../lib/ports/log.ts'
import { mint } from '../lib/token/mint.ts'
import { freePort } from '../testkit/listen.ts'
import { SUBJECT } from './inventory-config.ts'

export interface DemoIssuer {
  readonly url: string
  /** What makes the command line the one client that may mint here. */
  readonly environment: Readonly<Record<string, string>>
  /** Asks the issuer for a token, as a CI runner does: `POST /v1/token`. */
  mint(changes?: Partial<Claims>): Promise<string>
  /** The same, with the issuer's clock off by so much; a refusal is what the issuer answered. */
  ask(body: object, clockOffSeconds?: number): Promise<IssuerAnswer>
  /** Signs claims with the issuer's key, past the issuer: what it would never mint itself. */
  forge(changes: Partial<Claims>): string
  stop(): Promise<void>
}

export interface IssuerAnswer {
  readonly token?: string
  readonly error?: string
  readonly message?: string
}

const CLIENT = 'ci'
const SOURCE = { type: 'github_actions', repo: 'acme/storefront', workflow: 'deploy.yml' }
const JWKS_TTL_SECONDS = 60

/** The issuer that ships, with a key made just now and one client that may mint for one subject. */
export async function startIssuer(audience: string): Promise<DemoIssuer> {
  const { privateKey } = generateKeyPairSync('ed25519')
  const key = readIssuerKey('issuer.pem', privateKey.export({ format: 'pem', type: 'pkcs8' }))
  const secret = randomBytes(24).toString('base64url')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let clockOffSeconds = 0
  const byHand = { sub: SUBJECT, aud: audience, act: '*' }
  const match = { sub: SUBJECT, aud: 'https://*.internal', act: '*', src: { ...SOURCE } }
  const issuer = createIssuer({
    settings: {
      issuer: url,
      jwksTtlSeconds: JWKS_TTL_SECONDS,
      clients: [{ name: CLIENT, secretHashes: [await hashSecret(secret)] }],
      providers: [],
      rules: [
        { name: 'ci', callers: [`client:${CLIENT}`], allow: true, match },
        { name: 'by-hand', callers: [`client:${CLIENT}`], allow: true, match: byHand },
      ],
      rateLimit: { perMinute: 100, burst: 20 },
      attemptLimit: { perMinute: 100, burst: 20 },
      revocation: { rules: [], readers: [] },
    },
    keys: { schedule: new KeySchedule([key], JWKS_TTL_SECONDS) },
    audit: { write() {} },
    clock: { now: () => systemClock.now() + clockOffSeconds * 1000 },
    stopwatch: monotonic,
    log: silentLog,
  })
  const server = await IssuerServer.start(issuer, { host: '127.0.0.1', port })
  const wanted = { sub: SUBJECT, aud: audience, act: 'inventory.write', src: SOURCE }

  async function ask(body: object, off = 0): Promise<IssuerAnswer> {
    clockOffSeconds = off
    try {
      const answer = await fetch(`${url}/v1/token`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from(`${CLIENT}:${secret}`).toString('base64')}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ ...wanted, ...body }),
      })
      return (await answer.json()) as IssuerAnswer
    } finally {
      clockOffSeconds = 0
    }
  }

  return {
    url,
    environment: {
      OATHMESH_ISSUER: url,
      OATHMESH_CREDENTIAL: `${CLIENT}~${secret}`,
      OATHMESH_SUB: SUBJECT,
      OATHMESH_AUD: audience,
      OATHMESH_ACT: 'inventory.read',
    },
    ask,
    async mint(changes = {}) {
      const body = await ask(changes)
      if (body.token === undefined) throw new Error(`not minted: ${JSON.stringify(body)}`)
      return body.token
    },
    forge(changes) {
      const iat = Math.floor(Date.now() / 1000)
      const claims = { ...wanted, iss: url, iat, exp: iat + 120, jti: randomUUID(), ...changes }
      return mint(claims, key)
    },
    stop: () => server.stop(),
  }
}
