import { auditTable } from './audit-table.ts'
import { explainedStep } from './explain.ts'
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

/** One for each call. */
const AUDIT_LINES = 7

/** Plays every scene against a running stack, in order; for a person audit lines are a table. */
export async function* play(stack: DemoStack, forPerson = false): AsyncGenerator<Scene> {
  const { issuer } = stack
  const call = (token: string, headers: Record<string, string> = {}) =>
    request(stack.gatewayUrl, token, headers)

  const token = await issuer.mint()
  yield {
    title: 'A token: single use, two minutes to live',
    told: decoded(token),
    differs: undefined,
  }

  const allowed = await call(token)
  const seen = stack.seen.at(-1) ?? {}
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

  const past = Math.floor(Date.now() / 1000) - 240
  const refusals: readonly Refused[] = [
    {
      title: 'The same token again',
      token,
      status: 401,
      error: 'replay_detected',
      step: 13,
      flags: ['--used'],
    },
    {
      title: 'A token somebody has tampered with',
      token: tamper(await issuer.mint()),
      status: 401,
      error: 'signature_invalid',
      step: 6,
    },
    {
      title: 'An expired token',
      token: issuer.forge({ iat: past, exp: past + 120 }),
      status: 401,
      error: 'token_expired',
      step: 8,
    },
    {
      title: 'A token for another API',
      token: await issuer.mint({ aud: 'https://payments.internal' }),
      status: 401,
      error: 'audience_mismatch',
      step: 10,
    },
    {
      title: 'An action that policy does not allow',
      token: await issuer.mint({ act: 'payments.refund' }),
      status: 403,
      error: 'policy_denied',
      step: 14,
    },
  ]
  for (const refused of refusals) {
    const answer = await call(refused.token)
    const explained = await explainedStep(refused.token, stack.configFile, refused.flags)
    yield refusal(refused, answer, explained)
  }

  const spoofing = { 'x-oathmesh-subject': 'agent://admin/root', 'x-oathmesh-tenant': 'victim' }
  const spoofed = await call(await issuer.mint(), spoofing)
  const received = stack.seen.at(-1) ?? {}
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

  await stack.audited(AUDIT_LINES)
  yield {
    title: 'The audit line of each decision',
    told: forPerson ? auditTable(stack.audit) : stack.audit,
    differs: unless(
      stack.audit.length === AUDIT_LINES,
      `there should be ${AUDIT_LINES} lines, not ${stack.audit.length}`,
    ),
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

interface Refused {
  readonly title: string
  readonly token: string
  readonly status: number
  readonly error: string
  readonly step: number
  /** What `oathmesh explain` has to be told of the call. */
  readonly flags?: readonly string[]
}

function refusal(
  { title, status, error, step }: Refused,
  answer: Answer,
  explained: number | undefined,
): Scene {
  const { error: code, step: label } = answer.body
  return {
    title: `${title}: refused at step ${step}`,
    told: [
      `HTTP ${answer.status}`,
      JSON.stringify(answer.body),
      `oathmesh explain: refused at step ${explained}`,
    ],
    differs: unless(
      answer.status === status && code === error && label === step && explained === step,
      `this should be ${status} ${error} at step ${step}, for the gateway and for explain`,
    ),
  }
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
