import { createSign, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { JwksServer } from './jwks-server.ts'

export type Claims = Readonly<Record<string, unknown>>

interface ProviderKey {
  readonly kid: string
  readonly alg: 'RS256' | 'ES256'
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

/** An OIDC provider on loopback with a discovery document, an RSA key and an elliptic one. */
export class OidcProviderServer {
  readonly #server: JwksServer
  #keys: readonly ProviderKey[] = [newKey('RS256'), newKey('ES256')]
  /** What the discovery document says beside the truth. */
  discovery: Claims = {}

  private constructor(server: JwksServer) {
    this.#server = server
    server.answer = (request, response) => {
      const document = this.#documents()[request.url ?? '']
      response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(document))
    }
  }

  static async start(): Promise<OidcProviderServer> {
    return new OidcProviderServer(await JwksServer.start())
  }

  get issuer(): string {
    return this.#server.origin
  }

  /** Requests since the start. */
  get requests(): number {
    return this.#server.requests
  }

  /** A token of this provider, signed by the key for `alg`. */
  token(claims: Claims, alg: 'RS256' | 'ES256' = 'RS256'): string {
    const key = this.#keys.find((candidate) => candidate.alg === alg)
    if (key === undefined) throw new Error(`no key for ${alg}`)
    return signJwt({ iss: this.issuer, ...claims }, key)
  }

  /** Like `token`, signed by a key of the same name that the provider has never published. */
  forged(claims: Claims): string {
    const kid = this.#keys[0]?.kid ?? ''
    return signJwt({ iss: this.issuer, ...claims }, { ...newKey('RS256'), kid })
  }

  /** Replaces all keys. */
  rotate(): void {
    this.#keys = [newKey('RS256'), newKey('ES256')]
  }

  stop(): Promise<void> {
    return this.#server.stop()
  }

  resume(): Promise<void> {
    return this.#server.resume()
  }

  #documents(): Readonly<Record<string, object>> {
    const keys = this.#keys.map(({ kid, alg, publicKey }) => {
      return { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' }
    })
    return {
      '/.well-known/openid-configuration': {
        issuer: this.issuer,
        jwks_uri: `${this.issuer}/jwks`,
        ...this.discovery,
      },
      '/jwks': { keys },
    }
  }
}

export function signJwt(claims: Claims, { kid, alg, privateKey }: ProviderKey): string {
  const input = `${segment({ typ: 'JWT', alg, kid })}.${segment(claims)}`
  const signature =
    alg === 'RS256'
      ? createSign('sha256').update(input).sign(privateKey)
      : sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

/** `alg: none`, with an empty signature. */
export function unsignedJwt(claims: Claims): string {
  return `${segment({ typ: 'JWT', alg: 'none' })}.${segment(claims)}.`
}

export function newKey(alg: ProviderKey['alg']): ProviderKey {
  const pair =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { kid: randomUUID(), alg, ...pair }
}

function segment(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** Times of a token made at this Unix second. */
function times(now: number): Claims {
  return { iat: now, nbf: now - 5, exp: now + 300, jti: randomUUID() }
}

/** The claims of a GitHub Actions job, all of them, as its documentation lists them. */
export function githubClaims(now: number, changes: Claims = {}): Claims {
  const repository = String(changes['repository'] ?? 'acme/storefront')
  const path = `${repository}/.github/workflows/deploy.yml@refs/heads/main`
  return {
    ...times(now),
    aud: 'https://issuer.acme.example',
    sub: `repo:${repository}:ref:refs/heads/main`,
    ref: 'refs/heads/main',
    sha: 'e2d8f1c0a9b73d64c58f0e1b2a3c4d5e6f708192',
    repository,
    repository_owner: repository.split('/')[0],
    actor_id: '12345',
    repository_visibility: 'private',
    repository_id: '74104455',
    repository_owner_id: '65104',
    run_id: '9281734650',
    run_number: '118',
    run_attempt: '2',
    runner_environment: 'github-hosted',
    actor: 'octocat',
    workflow: 'Deploy to production',
    head_ref: '',
    base_ref: '',
    event_name: 'push',
    ref_protected: 'true',
    ref_type: 'branch',
    workflow_ref: path,
    workflow_sha: 'e2d8f1c0a9b73d64c58f0e1b2a3c4d5e6f708192',
    job_workflow_ref: path,
    job_workflow_sha: 'e2d8f1c0a9b73d64c58f0e1b2a3c4d5e6f708192',
    environment: 'production',
    enterprise: 'acme',
    ...changes,
  }
}

/** The claims of a GitLab CI job's ID token. */
export function gitlabClaims(now: number, changes: Claims = {}): Claims {
  return {
    ...times(now),
    aud: 'https://issuer.acme.example',
    sub: 'project_path:acme/shop/storefront:ref_type:branch:ref:feature/blue button',
    namespace_id: '72',
    namespace_path: 'acme/shop',
    project_id: '20',
    project_path: 'acme/shop/storefront',
    user_id: '1',
    user_login: 'sample-user',
    user_email: 'sample-user@acme.example',
    user_identities: [{ provider: 'github', extern_uid: '2435223452345' }],
    pipeline_id: '574',
    pipeline_source: 'push',
    job_id: '302',
    ref: 'feature/blue button',
    ref_type: 'branch',
    ref_path: 'refs/heads/feature/blue button',
    ref_protected: 'false',
    groups_direct: ['acme/shop'],
    environment: 'test-environment2',
    environment_protected: 'false',
    deployment_tier: 'testing',
    runner_id: 1,
    runner_environment: 'self-hosted',
    sha: '714a629c0b401fdce83e847fc9589983fc6f46bc',
    project_visibility: 'public',
    ci_config_ref_uri: 'gitlab.example/acme/shop/storefront//.gitlab-ci.yml@refs/heads/main',
    ci_config_sha: '714a629c0b401fdce83e847fc9589983fc6f46bc',
    ...changes,
  }
}

/** The claims of a Kubernetes service account token that is projected into a pod. */
export function kubernetesClaims(now: number, changes: Claims = {}): Claims {
  return {
    ...times(now),
    aud: ['https://issuer.acme.example'],
    sub: 'system:serviceaccount:payments:billing-worker',
    'kubernetes.io': {
      namespace: 'payments',
      node: { name: 'node-7', uid: '9c0bd0a1-2c7c-4bb1-8b1c-7d6b6e4c8a11' },
      pod: { name: 'billing-worker-7c9f-x2x', uid: '5e0bd49b-f040-43b0-99b7-22765a53f7f3' },
      serviceaccount: { name: 'billing-worker', uid: '14ee3fa4-a7e2-420f-9f9a-dbc4507c3798' },
      warnafter: now + 3607,
    },
    ...changes,
  }
}

/** The claims of an "OpenID Connect id token" credential of Jenkins' OpenID Connect Provider plugin. */
export function jenkinsClaims(now: number, changes: Claims = {}): Claims {
  return {
    iat: now,
    exp: now + 3600,
    aud: 'https://issuer.acme.example',
    sub: 'https://jenkins.acme.example/job/storefront/job/main/',
    build_number: 118,
    ...changes,
  }
}
