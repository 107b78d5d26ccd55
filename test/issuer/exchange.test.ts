import type { MintRule } from '../../issuer/mint-policy.ts'
import type { OidcProviderSettings } from '../../issuer/oidc/oidc-provider.ts'
import {
  githubClaims,
  gitlabClaims,
  kubernetesClaims,
  OidcProviderServer,
  unsignedJwt,
} from '../../testkit/oidc-provider.ts'
import { accepted, claimsOf } from './accepted.ts'
import { API, githubProvider, ISSUER, NOW, TestIssuer } from './fixture.ts'

const WANTED = { aud: API, act: 'inventory.deploy' }

function rule(caller: string, sub: string): MintRule {
  return {
    name: caller,
    callers: [`oidc:${caller}`],
    allow: true,
    match: { sub, aud: API, act: 'inventory.*' },
    maxTtlSeconds: 60,
  }
}

function gitlabProvider(issuer: string): OidcProviderSettings {
  return {
    ...githubProvider(issuer),
    name: 'gitlab',
    require: { namespace_path: ['acme/*'] },
    subject: 'job://gitlab/{project_path|path}/{ref|escape}',
    source: {
      type: 'gitlab_ci',
      repo: '{project_path}',
      workflow: '{ref}',
      run_id: '{pipeline_id}',
    },
  }
}

function kubernetesProvider(issuer: string): OidcProviderSettings {
  return {
    ...githubProvider(issuer),
    name: 'cluster',
    require: { '/kubernetes.io/namespace': ['payments', 'shipping'] },
    subject: 'svc://k8s/{/kubernetes.io/namespace}/{/kubernetes.io/serviceaccount/name}',
    source: { type: 'kubernetes', repo: '{/kubernetes.io/pod/name}' },
  }
}

describe('an identity token', () => {
  let github: OidcProviderServer
  let gitlab: OidcProviderServer
  let cluster: OidcProviderServer
  let stranger: OidcProviderServer
  let issuer: TestIssuer

  beforeAll(async () => {
    ;[github, gitlab, cluster, stranger] = await Promise.all([
      OidcProviderServer.start(),
      OidcProviderServer.start(),
      OidcProviderServer.start(),
      OidcProviderServer.start(),
    ])
  })

  beforeEach(async () => {
    github.discovery = {}
    issuer = await TestIssuer.start({
      providers: [
        githubProvider(github.issuer),
        gitlabProvider(gitlab.issuer),
        kubernetesProvider(cluster.issuer),
      ],
      rules: [
        rule('github', 'job://github/acme/*'),
        rule('gitlab', 'job://gitlab/acme/*'),
        rule('cluster', 'svc://k8s/payments/*'),
      ],
    })
  })

  afterEach(() => issuer.stop())

  afterAll(async () => {
    await Promise.all([github, gitlab, cluster, stranger].map((server) => server.stop()))
  })

  const exchange = (token: string, wanted: object = WANTED) =>
    issuer.mint(`Bearer ${token}`, wanted)

  test.each([
    ['a tab', 'Deploy\tnow', 'a tab'],
    ['a line break', 'Deploy\nnow', 'U+000A'],
    ['a bidi override', 'Deploy\u202enow', 'U+202E'],
  ])('with %s in a name is refused in words', async (_what, workflow, words) => {
    const { status, json } = await exchange(github.token({ ...githubClaims(NOW), workflow }))
    expect([status, json['error'], json['field']]).toEqual([
      403,
      'oidc_claim_unmappable',
      'workflow',
    ])
    expect(issuer.audit.at(-1)).toMatchObject({
      detail: `github: source.workflow: claim "workflow" holds a character that is not printable, ${words}`,
    })
  })

  test('with long names keeps them apart, cut', async () => {
    const long = 'x'.repeat(300)
    const names = []
    for (const workflow of [`${long}1`, `${long}2`]) {
      const { json } = await exchange(github.token({ ...githubClaims(NOW), workflow }))
      names.push((claimsOf(json['token']) as { src: { workflow: string } }).src.workflow)
    }
    expect(names[0]).not.toBe(names[1])
    for (const name of names) expect(name).toMatch(/^x{239}~[0-9a-f]{16}$/)
  })

  async function expectAccepted(token: unknown) {
    const verdict = await accepted(token, { audience: API, now: NOW, keys: issuer.keys })
    expect(verdict).toMatchObject({ outcome: 'allow' })
  }

  test('of GitHub becomes a token that gateways accept, a workflow name with spaces included', async () => {
    const { status, json } = await exchange(github.token(githubClaims(NOW)))
    expect([status, json['expires_in']]).toEqual([200, 60])
    expect(claimsOf(json['token'])).toMatchObject({
      iss: ISSUER,
      sub: 'job://github/acme/storefront/deploy.yml',
      ...WANTED,
      src: {
        type: 'github_actions',
        repo: 'acme/storefront',
        workflow: 'Deploy to production',
        run_id: '9281734650',
        sha: 'e2d8f1c0a9b73d64c58f0e1b2a3c4d5e6f708192',
      },
    })
    await expectAccepted(json['token'])
    expect(issuer.audit).toMatchObject([
      {
        event: 'mint',
        caller: 'oidc:github',
        rule: 'github',
        src_workflow: 'Deploy to production',
      },
    ])
  })

  test('of GitLab becomes one, a branch with slash and space included', async () => {
    const { json } = await exchange(gitlab.token(gitlabClaims(NOW)))
    const { sub, src } = claimsOf(json['token'])
    expect(sub).toBe('job://gitlab/acme/shop/storefront/feature_2fblue_20button')
    expect(src).toEqual({
      type: 'gitlab_ci',
      repo: 'acme/shop/storefront',
      workflow: 'feature/blue button',
      run_id: '574',
    })
    await expectAccepted(json['token'])
  })

  test('of a Kubernetes service account becomes one, signed by ES256', async () => {
    const { json } = await exchange(cluster.token(kubernetesClaims(NOW), 'ES256'))
    expect(claimsOf(json['token'])).toMatchObject({
      sub: 'svc://k8s/payments/billing-worker',
      src: { type: 'kubernetes', repo: 'billing-worker-7c9f-x2x' },
    })
    await expectAccepted(json['token'])
  })

  test('may come in the body of the exchange routes', async () => {
    const github_token = github.token(githubClaims(NOW))
    const post = (path: string, body: object) => issuer.call(path, { body: JSON.stringify(body) })
    const answer = await post('/v1/exchange/github', { github_token, ...WANTED })
    await expectAccepted(answer.json['token'])
    const gitlab_token = gitlab.token(gitlabClaims(NOW))
    expect((await post('/v1/exchange/gitlab', { gitlab_token, ...WANTED })).status).toBe(200)
    expect(
      await post('/v1/exchange/gitlab', { gitlab_token: github_token, ...WANTED }),
    ).toMatchObject({ status: 403, json: { error: 'mint_denied' } })
    expect(await post('/v1/exchange/github', WANTED)).toMatchObject({
      status: 401,
      json: { error: 'mint_auth_required', field: 'github_token' },
    })
  })

  test.each<[string, (now: number) => string, number, string]>([
    [
      'for another audience',
      () => github.token(githubClaims(NOW, { aud: 'https://github.com/acme' })),
      401,
      'oidc_audience_mismatch',
    ],
    [
      'without an audience',
      () => github.token(githubClaims(NOW, { aud: undefined })),
      401,
      'oidc_audience_mismatch',
    ],
    [
      'of an issuer nobody trusts',
      () => stranger.token(githubClaims(NOW)),
      401,
      'oidc_issuer_untrusted',
    ],
    [
      'of a stranger that names a trusted issuer',
      () => stranger.token(githubClaims(NOW, { iss: github.issuer })),
      401,
      'oidc_key_unknown',
    ],
    [
      'that has expired',
      () => github.token(githubClaims(NOW, { exp: NOW - 30 })),
      401,
      'oidc_token_expired',
    ],
    [
      'that never expires',
      () => github.token(githubClaims(NOW, { exp: undefined })),
      401,
      'oidc_token_malformed',
    ],
    [
      'that expires in words',
      () => github.token(githubClaims(NOW, { exp: 'never' })),
      401,
      'oidc_token_malformed',
    ],
    [
      'that is not valid yet',
      () => github.token(githubClaims(NOW, { nbf: NOW + 30 })),
      401,
      'oidc_token_not_yet_valid',
    ],
    [
      'that was issued in the future',
      () => github.token(githubClaims(NOW, { iat: NOW + 31 })),
      401,
      'oidc_token_not_yet_valid',
    ],
    [
      'of a foreign repository',
      () => github.token(githubClaims(NOW, { repository: 'mallory/storefront' })),
      403,
      'oidc_claim_refused',
    ],
    [
      'of another branch',
      () => github.token(githubClaims(NOW, { ref: 'refs/heads/wip' })),
      403,
      'oidc_claim_refused',
    ],
    [
      'that is not signed',
      () => unsignedJwt({ iss: github.issuer, ...githubClaims(NOW) }),
      401,
      'oidc_algorithm_not_allowed',
    ],
    [
      'signed by a key of the right name',
      () => github.forged(githubClaims(NOW)),
      401,
      'oidc_signature_invalid',
    ],
    [
      'with a subject that climbs',
      () => github.token(githubClaims(NOW, { repository: 'acme/../root' })),
      403,
      'oidc_claim_unmappable',
    ],
    [
      'with a workflow that adds a level',
      () => github.token(githubClaims(NOW, { workflow_ref: 'acme/x/.github/workflows/a/b.yml@r' })),
      403,
      'oidc_claim_unmappable',
    ],
    [
      'without the claim of the subject',
      () => github.token(githubClaims(NOW, { workflow_ref: undefined })),
      403,
      'oidc_claim_unmappable',
    ],
    [
      'of a namespace no rule allows',
      () =>
        cluster.token(
          kubernetesClaims(NOW, {
            'kubernetes.io': { namespace: 'shipping', serviceaccount: { name: 'x' } },
          }),
        ),
      403,
      'mint_denied',
    ],
    [
      'of a namespace nobody admits',
      () => cluster.token(kubernetesClaims(NOW, { 'kubernetes.io': { namespace: 'kube-system' } })),
      403,
      'oidc_claim_refused',
    ],
    ['in two segments', () => 'e30.e30', 401, 'oidc_token_malformed'],
    ['that is no JSON', () => 'e30.bm90IGpzb24.AAAA', 401, 'oidc_token_malformed'],
    [
      'whose claims stand twice',
      () => `e30.${Buffer.from('{"iss":"a","iss":"b"}').toString('base64url')}.AAAA`,
      401,
      'oidc_token_malformed',
    ],
    ['of more than 8 kB', () => `e30.${'A'.repeat(17_000)}.AAAA`, 401, 'oidc_token_malformed'],
  ])('%s is refused by its own error', async (_, make, status, code) => {
    const token = make(NOW)
    // Longer than Node reads headers by default, so it has to come in the body.
    const answer =
      token.length > 8192
        ? await issuer.call('/v1/exchange/github', {
            body: JSON.stringify({ github_token: token, ...WANTED }),
          })
        : await exchange(token)
    expect([answer.status, answer.json['error']]).toEqual([status, code])
    expect(issuer.audit).toMatchObject([{ event: 'refuse', code, status }])
    expect(JSON.stringify([issuer.audit, answer.json])).not.toContain(token.slice(0, 40))
  })

  test('signed by HMAC with a public key is refused', async () => {
    const token = github
      .token(githubClaims(NOW))
      .replace(/^[^.]+/, () => Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url'))
    expect((await exchange(token)).json['error']).toBe('oidc_algorithm_not_allowed')
  })

  test('determines subject and source: the caller cannot state others', async () => {
    const token = github.token(githubClaims(NOW))
    const own = 'job://github/acme/storefront/deploy.yml'
    expect((await exchange(token, { ...WANTED, sub: own })).status).toBe(200)
    expect(
      await exchange(token, { ...WANTED, sub: 'job://github/acme/payroll/deploy.yml' }),
    ).toMatchObject({ status: 403, json: { error: 'mint_denied', field: 'sub' } })
    expect(await exchange(token, { ...WANTED, src: { repo: 'acme/payroll' } })).toMatchObject({
      status: 403,
      json: { error: 'mint_denied', field: 'src' },
    })
  })

  test('is verified by keys that the provider has only just published', async () => {
    await exchange(github.token(githubClaims(NOW)))
    github.rotate()
    const token = github.token(githubClaims(NOW))
    expect((await exchange(token)).json['error']).toBe('oidc_key_unknown')
    issuer.advance(30)
    expect((await exchange(token)).status).toBe(200)
  })

  test('with an invented key makes the issuer ask the provider twice in half a minute at most', async () => {
    await exchange(github.token(githubClaims(NOW)))
    const before = github.requests
    issuer.advance(40)
    const forged = stranger.token(githubClaims(NOW, { iss: github.issuer }))
    for (let at = 0; at < 50; at++) await exchange(forged)
    expect(github.requests - before).toBeLessThanOrEqual(2)
  })

  test('is verified by the keys at hand while the provider is away, for an hour', async () => {
    const token = github.token(githubClaims(NOW, { exp: NOW + 9000 }))
    await exchange(token)
    await github.stop()
    issuer.advance(3000)
    expect((await exchange(token)).status).toBe(200)
    issuer.advance(1000)
    const answer = await exchange(token)
    expect(answer).toMatchObject({ status: 503, json: { error: 'oidc_keys_unavailable' } })
    expect(answer.headers['retry-after']).toBe('5')
    await github.resume()
    issuer.advance(5)
    expect((await exchange(token)).status).toBe(200)
  })

  test('is refused when the discovery document speaks for another issuer', async () => {
    github.discovery = { issuer: 'https://token.actions.githubusercontent.com' }
    const answer = await exchange(github.token(githubClaims(NOW)))
    expect(answer).toMatchObject({ status: 503, json: { error: 'oidc_keys_unavailable' } })
  })
})
