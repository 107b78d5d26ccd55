import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { type Claims, mint, type SigningKey } from '../lib/index.ts'
import { type Listening, listen } from './listen.ts'

export interface DemoIssuer extends Listening {
  /** The claims of a token for the demo's API, some of them replaced. */
  claims(changes?: Partial<Claims>): Claims
  sign(claims: Claims): string
}

const LIFETIME_SECONDS = 120

/**
 * Publishes the key it has just made and signs what this process asks for. `GET /token` gives a fresh
 * token to whoever can reach the loopback interface, so that curl lines can be pasted.
 */
export async function startIssuer(audience: string): Promise<DemoIssuer> {
  const { privateKey } = generateKeyPairSync('ed25519')
  const key: SigningKey = { kid: `demo-${randomUUID().slice(0, 8)}`, privateKey }
  const jwk = {
    ...createPublicKey(privateKey).export({ format: 'jwk' }),
    kid: key.kid,
    use: 'sig',
    alg: 'EdDSA',
  }
  const server = createServer((request, response) => {
    if (request.url === '/.well-known/jwks.json') {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }))
    } else if (request.url === '/token') {
      response.end(mint(claims(), key))
    } else {
      response.writeHead(404).end()
    }
  })
  const listening = await listen(server)

  function claims(changes: Partial<Claims> = {}): Claims {
    const iat = Math.floor(Date.now() / 1000)
    return {
      iss: listening.url,
      sub: 'agent://ci/deploy-bot',
      aud: audience,
      act: 'inventory.write',
      iat,
      exp: iat + LIFETIME_SECONDS,
      jti: randomUUID(),
      src: { type: 'github_actions', repo: 'acme/storefront', workflow: 'deploy.yml' },
      ...changes,
    }
  }

  return { ...listening, claims, sign: (wanted) => mint(wanted, key) }
}
