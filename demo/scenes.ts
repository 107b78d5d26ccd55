import type { DemoStack } from './stack.ts'

export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** One thing the demo shows. `differs` says what is not as it should be, or nothing. */
export interface Scene {
  readonly title: string
  readonly told: readonly string[]
  readonly differs: string | undefined
}

/** Plays every scene against a running stack, in order. */
export async function* play(stack: DemoStack): AsyncGenerator<Scene> {
  const { issuer, upstream } = stack
  const call = (token: string, headers: Record<string, string> = {}) =>
    request(stack.gatewayUrl, token, headers)

  const token = issuer.sign(issuer.claims())
  yield {
    title: 'A token: single use, two minutes to live',
    told: decoded(token),
    differs: undefined,
  }

  const allowed = await call(token)
  const seen = upstream.seen.at(-1) ?? {}
  yield {
    title: 'A call with it passes; the upstream sees who called, and no credential',
    told: [`HTTP ${allowed.status}`, ...identity(seen)],
    differs: unless(
      allowed.status === 200 &&
        seen['x-oathmesh-subject'] === 'agent://ci/deploy-bot' &&
        seen.authorization === undefined,
      'the call should pass with an identity and without Authorization',
    ),
  }

  const refusals: readonly (readonly [
    title: string,
    token: string,
    status: number,
    error: string,
    step: number,
  ])[] = [
    ['The same token again', token, 401, 'replay_detected', 13],
    [
      'A token somebody has tampered with',
      tamper(issuer.sign(issuer.claims())),
      401,
      'signature_invalid',
      6,
    ],
    ['An expired token', issuer.sign(expired(stack)), 401, 'token_expired', 8],
    [
      'A token for another API',
      issuer.sign(issuer.claims({ aud: 'https://payments.internal' })),
      401,
      'audience_mismatch',
      10,
    ],
    [
      'An action that policy does not allow',
      issuer.sign(issuer.claims({ act: 'payments.refund' })),
      403,
      'policy_denied',
      14,
    ],
  ]
  for (const [title, refused, status, error, step] of refusals) {
    yield refusal(title, await call(refused), { status, error, step })
  }

  const spoofing = { 'x-oathmesh-subject': 'agent://admin/root', 'x-oathmesh-tenant': 'victim' }
  const spoofed = await call(issuer.sign(issuer.claims()), spoofing)
  const received = upstream.seen.at(-1) ?? {}
  yield {
    title: 'A caller who sends identity headers of its own',
    told: [
      ...Object.entries(spoofing).map(([name, value]) => `sent      ${name}: ${value}`),
      ...identity(received).map((line) => `received  ${line}`),
    ],
    differs: unless(
      spoofed.status === 200 &&
        received['x-oathmesh-subject'] === 'agent://ci/deploy-bot' &&
        received['x-oathmesh-tenant'] === undefined,
      'the upstream should see the proven identity only',
    ),
  }

  yield {
    title: 'The audit line of each decision',
    told: stack.audit,
    differs: unless(stack.audit.length === 7, `there should be 7 lines, not ${stack.audit.length}`),
  }
}

async function request(
  url: string,
  token: string,
  headers: Record<string, string>,
): Promise<Answer> {
  const answer = await fetch(`${url}/inventory`, {
    headers: { authorization: `OathMesh ${token}`, ...headers },
  })
  return { status: answer.status, body: (await answer.json()) as Answer['body'] }
}

function refusal(
  title: string,
  { status, body }: Answer,
  expected: { status: number; error: string; step: number },
): Scene {
  return {
    title: `${title}: refused at step ${expected.step}`,
    told: [`HTTP ${status}`, JSON.stringify(body)],
    differs: unless(
      status === expected.status &&
        body['error'] === expected.error &&
        body['step'] === expected.step,
      `this should be ${JSON.stringify(expected)}`,
    ),
  }
}

function expired({ issuer }: DemoStack) {
  const { iat, exp } = issuer.claims()
  return issuer.claims({ iat: iat - 240, exp: exp - 240 })
}

/** Changes the subject and keeps the signature. */
function tamper(token: string): string {
  const [header, payload = '', signature] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
  const changed = Buffer.from(JSON.stringify({ ...claims, sub: 'agent://ci/admin' })).toString(
    'base64url',
  )
  return `${header}.${changed}.${signature}`
}

function decoded(token: string): string[] {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const read = (segment: string) =>
    JSON.stringify(JSON.parse(Buffer.from(segment, 'base64url').toString()), null, 2)
  return [
    ...read(header).split('\n'),
    ...read(payload).split('\n'),
    `signature: ${Buffer.from(signature, 'base64url').length} bytes, Ed25519`,
  ]
}

function identity(headers: NodeJS.Dict<string | string[]>): string[] {
  return Object.entries(headers)
    .filter(([name]) => name.startsWith('x-oathmesh-') || name === 'authorization')
    .map(([name, value]) => `${name}: ${String(value)}`)
}

function unless(holds: boolean, otherwise: string): string | undefined {
  return holds ? undefined : otherwise
}
