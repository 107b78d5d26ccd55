import { execFile } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import type { MintRule } from '../../issuer/mint-policy.ts'
import { freePort, type Listening, listen } from '../../testkit/listen.ts'
import {
  githubClaims,
  gitlabClaims,
  jenkinsClaims,
  kubernetesClaims,
  OidcProviderServer,
} from '../../testkit/oidc-provider.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { API, githubProvider, ISSUER, SECRET, settings, TestIssuer } from '../issuer/fixture.ts'

const FOLDER = resolve('examples/callers')
const SCRIPT = join(FOLDER, 'oathmesh.sh')
const GATEWAY = 'https://gateway.acme.example'

type Front = (message: IncomingMessage, response: ServerResponse, body: Buffer) => void

const PLATFORMS = ['github', 'gitlab', 'jenkins', 'cluster'] as const
type Platform = (typeof PLATFORMS)[number]

/** Whom the issuer takes for whom. */
const SUBJECTS: Readonly<Record<Platform, string>> = {
  github: 'job://github/{repository|path}/{workflow_ref|after:/.github/workflows/|before:@refs/}',
  gitlab: 'job://gitlab/{project_path|path}/{ref|escape}',
  jenkins: 'job://jenkins/{sub|after:/job/|escape}',
  cluster: 'svc://k8s/{/kubernetes.io/namespace}/{/kubernetes.io/serviceaccount/name}',
}
const REQUIRED: Readonly<Record<Platform, Readonly<Record<string, readonly string[]>>>> = {
  github: { repository_owner: ['acme'] },
  gitlab: { namespace_path: ['acme/*'] },
  jenkins: { sub: ['https://jenkins.acme.example/job/storefront/job/main/'] },
  cluster: { '/kubernetes.io/namespace': ['payments'] },
}

let providers: Readonly<Record<Platform, OidcProviderServer>>
let issuer: TestIssuer
let gateway: Loopback
/** Stands between the callers and the gateway, for what happens on the way. */
let front: Listening
let onTheWay: Front
let folder: string

beforeAll(async () => {
  const started = await Promise.all(
    PLATFORMS.map(async (name) => [name, await OidcProviderServer.start()] as const),
  )
  providers = Object.fromEntries(started) as typeof providers
  issuer = await TestIssuer.start({
    ...(await settings()),
    providers: PLATFORMS.map((name) => ({
      ...githubProvider(providers[name].issuer),
      name,
      require: REQUIRED[name],
      subject: SUBJECTS[name],
      source: { type: name },
    })),
    rules: [
      ruleFor('oidc:github', 'job://github/acme/*'),
      ruleFor('oidc:gitlab', 'job://gitlab/acme/*'),
      ruleFor('oidc:jenkins', 'job://jenkins/*'),
      ruleFor('oidc:cluster', 'svc://k8s/payments/*'),
      ruleFor('client:billing', 'svc://acme/*'),
    ],
  })
  issuer.nowMs = Date.now()
  const config = (more: object) => ({
    audience: API,
    issuers: [{ issuer: ISSUER, jwks_uri: `${issuer.origin}/.well-known/jwks.json` }],
    keys: { allow_http: true },
    policy: { allow_all: true },
    ...more,
  })
  const strict = { request_binding: { mode: 'strict', required: 'all' } }
  const redis = { host: '127.0.0.1', port: await freePort() }
  gateway = await startOnLoopback({
    entities: serviceWith({
      '/v1': config(strict),
      '/v1/stock': config({}),
      '/v1/forgetful': config({ ...strict, replay: { store: 'redis' }, redis }),
    }),
  })
  onTheWay = passOn
  front = await listen(
    createServer((message, response) => {
      const chunks: Buffer[] = []
      message.on('data', (chunk: Buffer) => chunks.push(chunk))
      message.on('end', () => onTheWay(message, response, Buffer.concat(chunks)))
    }),
  )
  folder = mkdtempSync(join(tmpdir(), 'oathmesh-callers-'))
  // A checkout, as far as the examples go.
  symlinkSync(resolve('examples'), join(folder, 'examples'))
}, 120_000)

afterAll(async () => {
  rmSync(folder, { recursive: true })
  await front.stop()
  await gateway.stop()
  await issuer.stop()
  await Promise.all(PLATFORMS.map((name) => providers[name].stop()))
})

beforeEach(() => {
  issuer.nowMs = Date.now()
  onTheWay = passOn
  gateway.seen.splice(0)
  issuer.audit.splice(0)
})

const now = () => Math.floor(Date.now() / 1000)

function ruleFor(caller: string, sub: string): MintRule {
  return {
    name: caller,
    callers: [caller],
    allow: true,
    match: { sub, aud: API, act: 'inventory.*' },
    maxTtlSeconds: 60,
  }
}

const passOn: Front = (message, response, body) => {
  const { method, url: path, headers } = message
  const onward = request(gateway.url, { method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 0, answer.headers)
    answer.pipe(response)
  })
  onward.end(body)
}

interface Finished {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a shell with an environment of its own, in a folder where nothing is but the examples. */
function run(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const [file = '', ...args] = command
  const PATH = process.env['PATH'] ?? ''
  return new Promise((finished) => {
    const options = { cwd: folder, env: { PATH, TMPDIR: folder, ...env }, timeout: 60_000 }
    execFile(file, args, options, (fault, stdout, stderr) => {
      finished({ code: fault === null ? 0 : Number(fault.code ?? -1), stdout, stderr })
    })
  })
}

/** Addresses of the example's world, on loopback. */
function here(text: string): string {
  return text.replaceAll(GATEWAY, front.url)
}

/** The environment of an example; of its issuer only the address is another. */
function envOf(variables: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => {
      return [name, name === 'OATHMESH_ISSUER' ? issuer.origin : here(String(value))]
    }),
  )
}

const CLIENT = { OATHMESH_AUD: API, OATHMESH_SUB: 'svc://acme/billing' }

/** Calls as the client `billing`. */
function call(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  shell: readonly string[] = ['sh'],
): Promise<Finished> {
  return run([...shell, SCRIPT, ...args], {
    ...CLIENT,
    OATHMESH_ISSUER: issuer.origin,
    OATHMESH_ACT: 'inventory.write',
    OATHMESH_CREDENTIAL: `billing~${SECRET}`,
    ...env,
  })
}

const tokens = (): string[] =>
  gateway.seen.map(({ headers }) => String(headers['x-oathmesh-token-id']))

describe('oathmesh.sh', () => {
  test('is under 40 lines', () => {
    expect(readFileSync(SCRIPT, 'utf8').split('\n').length - 1).toBeLessThan(40)
  })

  test.each(['dash', 'bash'])('calls with a token bound to the request, in %s', async (shell) => {
    writeFileSync(join(folder, 'body.json'), '{"sku":"A-1"}')
    const url = `${front.url}/v1/items/a%20b?dry=1&x=%2F`
    const type = ['-H', 'Content-Type: application/json']
    const { code, stdout, stderr } = await call(['POST', url, 'body.json', ...type], {}, [shell])
    expect([code, stderr]).toEqual([0, ''])
    expect(gateway.seen).toHaveLength(1)
    expect(gateway.seen[0]).toMatchObject({
      method: 'POST',
      url: '/v1/items/a%20b?dry=1&x=%2F',
      body: '{"sku":"A-1"}',
      headers: { 'content-type': 'application/json', 'x-oathmesh-subject': 'svc://acme/billing' },
    })
    expect(JSON.parse(stdout)).toMatchObject({ method: 'POST' })
  })

  test.each(['GET', 'PUT', 'DELETE', 'HEAD'])('calls %s without a body', async (method) => {
    const { code, stderr } = await call([method, `${front.url}/v1/items`])
    expect([code, stderr, gateway.seen.map((seen) => seen.method)]).toEqual([0, '', [method]])
  })

  test('leaves nothing of a secret behind, not even in a trace', async () => {
    const { code, stdout, stderr } = await call(['GET', `${front.url}/v1/items`], {}, ['sh', '-x'])
    expect(code).toBe(0)
    for (const text of [stdout, stderr]) {
      expect(text).not.toContain(SECRET)
      expect(text).not.toContain('OathMesh ey')
    }
    expect(tmpFolders()).toEqual([])
  })

  test('says what the issuer says, and does not call', async () => {
    const { code, stderr } = await call(['GET', `${front.url}/v1/items`], {
      OATHMESH_ACT: 'payments.refund',
    })
    expect([code, gateway.seen]).toEqual([1, []])
    expect(stderr).toContain('mint_denied')
    expect(stderr).toContain('the issuer gave no token: 403')
    expect(stderr).not.toContain(SECRET)
  })

  test('says what the gateway says, and ends with 22', async () => {
    onTheWay = (message, response, body) => {
      message.url = '/v1/another'
      passOn(message, response, body)
    }
    const { code, stdout, stderr } = await call(['GET', `${front.url}/v1/items`])
    expect([code, stdout, gateway.seen]).toEqual([22, '', []])
    expect(stderr).toContain('binding_mismatch')
  })

  test('makes a call again when its answer is lost, with another token', async () => {
    let times = 0
    onTheWay = (message, response, body) => {
      times += 1
      if (times > 1) return passOn(message, response, body)
      // The service has got it; the answer is on the way when the connection breaks.
      const { method, url: path, headers } = message
      request(gateway.url, { method, path, headers }, (answer) => {
        answer.resume().once('end', () => response.destroy())
      }).end(body)
    }
    const { code } = await call(['PUT', `${front.url}/v1/items`])
    expect([code, times, new Set(tokens()).size]).toEqual([0, 2, 2])
  })

  test('makes a call again when somebody on the way has repeated it', async () => {
    let times = 0
    onTheWay = (message, response, body) => {
      times += 1
      if (times > 1) return passOn(message, response, body)
      const { method, url: path, headers } = message
      request(gateway.url, { method, path, headers }, (answer) => {
        answer.resume().once('end', () => passOn(message, response, body))
      }).end(body)
    }
    const { code } = await call(['DELETE', `${front.url}/v1/items`])
    expect([code, times, new Set(tokens()).size]).toEqual([0, 2, 2])
  })

  test('calls an API without binding, if told so', async () => {
    const url = `${front.url}/v1/stock`
    expect(await call(['GET', url], { OATHMESH_BINDING: 'off' })).toMatchObject({ code: 0 })
    const { code, stderr } = await call(['GET', url])
    expect([code, stderr]).toEqual([22, expect.stringContaining('binding_mismatch')])
  })

  test.each(['lost', 'repeated'])('never makes a POST again, when %s', async (kind) => {
    let times = 0
    onTheWay = (message, response, body) => {
      times += 1
      const { method, url: path, headers } = message
      request(gateway.url, { method, path, headers }, (answer) => {
        answer.resume().once('end', () => {
          if (kind === 'lost') response.destroy()
          else passOn(message, response, body)
        })
      }).end(body)
    }
    writeFileSync(join(folder, 'body.json'), '{}')
    const { code } = await call(['POST', `${front.url}/v1/items`, 'body.json'])
    expect([code, times, gateway.seen.length]).toEqual([22, 1, 1])
  })

  test('waits for a gateway that is short of something, with a new token each time', async () => {
    const waiting: string[] = []
    onTheWay = (message, response, body) => {
      waiting.push(String(message.headers.authorization))
      passOn(message, response, body)
    }
    writeFileSync(join(folder, 'body.json'), '{}')
    const { code, stderr } = await call(['POST', `${front.url}/v1/forgetful`, 'body.json'])
    expect([code, gateway.seen]).toEqual([22, []])
    expect(stderr).toContain('the call failed: 503')
    expect([waiting.length, new Set(waiting).size]).toEqual([3, 3])
  })

  test.each([
    ['http://issuer.acme.example', `${GATEWAY}/v1`, 'OATHMESH_ISSUER is not https'],
    [ISSUER, `${GATEWAY}/v1#part`, 'fragment'],
    [ISSUER, 'gateway/v1', 'not https://HOST/PATH'],
  ])('refuses the issuer %s or the URL %s', async (OATHMESH_ISSUER, url, message) => {
    const { code, stderr } = await call(['GET', url], { OATHMESH_ISSUER })
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  })

  function tmpFolders(): string[] {
    return readdirSync(folder).filter((name) => name.startsWith('tmp.'))
  }
})

const example = (name: string): string => readFileSync(join(FOLDER, name), 'utf8')

function expectRestocked(subject: string): void {
  expect(gateway.seen).toHaveLength(1)
  expect(gateway.seen[0]).toMatchObject({
    method: 'POST',
    url: '/v1/items?dry=1',
    body: '{"sku":"A-1","qty":2}',
    headers: {
      'content-type': 'application/json',
      'x-oathmesh-subject': subject,
      'x-oathmesh-action': 'inventory.write',
    },
  })
}

describe('github-actions.yml and action.yml', () => {
  const SUBJECT = 'job://github/acme/storefront/deploy.yml'
  const workflow = parse(example('github-actions.yml')) as Workflow
  const action = parse(example('action.yml')) as Action
  let identities: Listening

  beforeAll(async () => {
    // What GitHub gives a job with `id-token: write`: one token for each time it asks.
    identities = await listen(
      createServer((message, response) => {
        const { searchParams } = new URL(message.url ?? '', 'http://runner.test')
        const aud = searchParams.get('audience')
        if (message.headers.authorization !== 'Bearer runner-secret' || aud === null) {
          response.writeHead(401).end('{}')
          return
        }
        const value = providers.github.token(githubClaims(now(), { aud }))
        response.end(JSON.stringify({ count: value.length, value }))
      }),
    )
  })
  afterAll(() => identities.stop())

  /** The shell of one step, with what the runner gives it. Gives its outputs. */
  async function step(
    script: string,
    env: Readonly<Record<string, unknown>>,
    mayAsk: boolean,
  ): Promise<Stepped> {
    const output = join(folder, 'github-output')
    writeFileSync(output, '')
    const finished = await run(['bash', '--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
      ...envOf(env),
      GITHUB_OUTPUT: output,
      GITHUB_ACTION_PATH: FOLDER,
      RUNNER_TEMP: folder,
      ...(mayAsk && {
        ACTIONS_ID_TOKEN_REQUEST_URL: `${identities.url}/token?api-version=2.0`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'runner-secret',
      }),
    })
    const lines = readFileSync(output, 'utf8').split('\n').filter(Boolean)
    const outputs = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)))
    return { ...finished, outputs: outputs as Stepped['outputs'] }
  }

  /** Every token in the output is one that the runner has been told to mask, and has been before. */
  function expectMasked({ stdout, stderr }: Finished): void {
    const masked = new Set<string>()
    for (const line of `${stdout}\n${stderr}`.split('\n')) {
      const [, mask] = /^::add-mask::(.+)$/.exec(line) ?? []
      if (mask !== undefined) masked.add(mask)
      else for (const [token] of line.matchAll(/eyJ[\w.-]{50,}/g)) expect(masked).toContain(token)
    }
    expect(masked.size).toBeGreaterThan(0)
    expect(stdout + stderr).not.toContain('runner-secret')
  }

  test('call by the composite action, step by step', async () => {
    const { permissions, steps } = workflow.jobs['by-action'] as Job
    expect(permissions).toEqual({ contents: 'read', 'id-token': 'write' })
    const done: Record<string, Pick<Stepped, 'outputs'>> = {}
    const printed: string[] = []
    for (const one of steps.filter(({ uses = '' }) => !uses.startsWith('actions/checkout@'))) {
      const env = evaluated(one.env ?? {}, { steps: done })
      const finished = await (one.run === undefined ? composite(one) : step(one.run, env, false))
      expect([finished.code, finished.stderr]).toEqual([0, ''])
      if (one.id !== undefined) {
        expectMasked(finished)
        done[one.id] = finished
      }
      printed.push(finished.stdout)
    }
    expectRestocked(SUBJECT)
    expect(JSON.parse(printed.at(-1) ?? '')).toMatchObject({ url: '/v1/items?dry=1' })
  })

  async function composite({ uses, with: given = {} }: Step): Promise<Stepped> {
    expect(uses).toBe('./examples/callers')
    const unknown = Object.keys(given).filter((name) => !(name in action.inputs))
    const missing = Object.entries(action.inputs)
      .filter(([name, { required }]) => required === true && !(name in given))
      .map(([name]) => name)
    expect([unknown, missing]).toEqual([[], []])
    const inputs = Object.fromEntries(
      Object.entries(action.inputs).map(([name, input]) => [
        name,
        given[name] ?? input.default ?? '',
      ]),
    )
    const [only, ...others] = action.runs.steps
    expect([others, only?.shell]).toEqual([[], 'bash'])
    const finished = await step(only?.run ?? '', evaluated(only?.env ?? {}, { inputs }), true)
    const values = Object.entries(action.outputs).map(([name, { value }]) => [name, value])
    const context = { steps: { [only?.id ?? '']: finished } }
    return { ...finished, outputs: evaluated(Object.fromEntries(values), context) }
  }

  test('call by hand, with everything masked', async () => {
    const { steps, env } = workflow.jobs['by-hand'] as Job
    const [only] = steps
    const finished = await step(only?.run ?? '', env ?? {}, true)
    expect([finished.code, finished.stderr]).toEqual([0, ''])
    expectMasked(finished)
    expect(finished.stdout.match(/^::add-mask::/gm)).toHaveLength(2)
    expect(gateway.seen[0]?.headers).toMatchObject({
      'x-oathmesh-subject': SUBJECT,
      'x-oathmesh-action': 'inventory.read',
    })
  })

  test.each(['by-action', 'by-hand'])('fail where there is no token: %s', async (job) => {
    const { steps, env } = workflow.jobs[job] as Job
    const hidden = { OATHMESH_AUD: 'https://other.internal', OATHMESH_ACT: 'payments.refund' }
    const [script = '', variables = {}] =
      job === 'by-hand'
        ? [steps[0]?.run?.replaceAll('inventory.read', 'payments.refund'), env]
        : [action.runs.steps[0]?.run, { ...hidden, METHOD: 'GET', URL: `${GATEWAY}/v1/items` }]
    const more = { BODY_FILE: '/dev/null', CONTENT_TYPE: 'text/plain', IDENTITY_AUDIENCE: ISSUER }
    const finished = await step(script, { ...variables, ...more, OATHMESH_ISSUER: ISSUER }, true)
    expect(finished.code).not.toBe(0)
    expect(gateway.seen).toEqual([])
  })

  test('pin what they use, and ask for no more than they need', () => {
    expect(workflow.permissions).toEqual({})
    for (const { steps } of Object.values(workflow.jobs)) {
      for (const { uses = './' } of steps) expect(uses).toMatch(/^(?:\.\/|\S+@[0-9a-f]{40}$)/)
    }
  })
})

/** `${{ a || b }}` of inputs and outputs. */
function evaluated(
  env: Readonly<Record<string, string>>,
  context: object,
): Readonly<Record<string, string>> {
  const look = (path: string): string => {
    const value = path.split('.').reduce<unknown>((at, name) => Object(at)[name], context)
    return typeof value === 'string' ? value : ''
  }
  return Object.fromEntries(
    Object.entries(env).map(([name, text]) => [
      name,
      text.replace(/\$\{\{ (.*?) \}\}/g, (_, expression: string) => {
        return expression.split(' || ').map(look).find(Boolean) ?? ''
      }),
    ]),
  )
}

interface Stepped extends Finished {
  readonly outputs: Readonly<Record<string, string>>
}
interface Step {
  readonly id?: string
  readonly uses?: string
  readonly run?: string
  readonly shell?: string
  readonly with?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
}
interface Job {
  readonly permissions: object
  readonly env?: Readonly<Record<string, string>>
  readonly steps: readonly Step[]
}
interface Workflow {
  readonly permissions: object
  readonly jobs: Readonly<Record<string, Job>>
}
interface Action {
  readonly outputs: Readonly<Record<string, { readonly value: string }>>
  readonly inputs: Readonly<
    Record<string, { readonly required?: boolean; readonly default?: string }>
  >
  readonly runs: { readonly steps: readonly Step[] }
}

describe('gitlab-ci.yml', () => {
  test('calls with the ID token of the job', async () => {
    const { restock } = parse(example('gitlab-ci.yml'))
    const { OATHMESH_CREDENTIAL, ...others } = restock.id_tokens
    expect(others).toEqual({})
    expect(restock.before_script.join()).toMatch(/curl jq openssl/)
    const token = providers.gitlab.token(gitlabClaims(now(), OATHMESH_CREDENTIAL))
    const script = ['set -e', ...restock.script].join('\n')
    const env = { ...envOf(restock.variables), OATHMESH_CREDENTIAL: token }
    const { code, stderr } = await run(['sh', '-c', script], env)
    expect([code, stderr]).toEqual([0, ''])
    expectRestocked('job://gitlab/acme/shop/storefront/feature_2fblue_20button')
  })
})

describe('Jenkinsfile', () => {
  test('calls with the identity of the build', async () => {
    const text = example('Jenkinsfile')
    const [, script = ''] = /sh '''(.*?)'''/s.exec(text) ?? []
    const variables = [...text.matchAll(/^ +(\w+) = '(.*)'$/gm)].map(([, name, value]) => [
      name,
      value,
    ])
    const [, credential = ''] = /credentialsId: '[\w-]+', variable: '(\w+)'/.exec(text) ?? []
    const token = providers.jenkins.token(jenkinsClaims(now()))
    const env = { ...envOf(Object.fromEntries(variables)), [credential]: token }
    const { code, stderr } = await run(['sh', '-e', '-c', script], env)
    expect([code, stderr]).toEqual([0, ''])
    expectRestocked('job://jenkins/storefront_2fjob_2fmain_2f')
  })
})

describe('cronjob.yaml', () => {
  test('calls with the token that is projected into the pod', async () => {
    const job = parse(example('cronjob.yaml'))
    const { spec } = job.spec.jobTemplate.spec.template
    const [container] = spec.containers
    const env: Record<string, string> = Object.fromEntries(
      container.env.map(({ name, value }: { name: string; value: string }) => [name, value]),
    )
    const [{ serviceAccountToken }] = spec.volumes[0].projected.sources
    const [mount, opt] = container.volumeMounts
    expect([spec.volumes[0].name, mount.readOnly]).toEqual([mount.name, true])
    expect(env['OATHMESH_CREDENTIAL_FILE']).toBe(`${mount.mountPath}/${serviceAccountToken.path}`)
    const claims = kubernetesClaims(now(), {
      aud: [serviceAccountToken.audience],
      exp: now() + serviceAccountToken.expirationSeconds,
    })
    const file = join(folder, 'projected-token')
    writeFileSync(file, providers.cluster.token(claims))
    const command = container.command.map((word: string) => {
      return here(word.replace(opt.mountPath, FOLDER))
    })
    const { code, stderr } = await run(command, { ...envOf(env), OATHMESH_CREDENTIAL_FILE: file })
    expect([code, stderr]).toEqual([0, ''])
    expect(gateway.seen[0]).toMatchObject({ method: 'PUT', url: '/v1/runs/nightly' })
    expect(gateway.seen[0]?.headers).toMatchObject({
      'x-oathmesh-subject': 'svc://k8s/payments/billing-worker',
    })
  })
})

describe('oathmesh-call.service', () => {
  test('calls with the credential that systemd loads', async () => {
    const lines = [...example('oathmesh-call.service').matchAll(/^(\w+)=(.*)$/gm)]
    const valuesOf = (key: string) =>
      lines.filter(([, name]) => name === key).map(([, , it]) => it ?? '')
    const credentials = join(folder, 'credentials')
    mkdirSync(credentials)
    for (const loaded of valuesOf('LoadCredential')) {
      writeFileSync(join(credentials, loaded.split(':')[0] ?? ''), `billing~${SECRET}\n`)
    }
    const variables = valuesOf('Environment').map((text) => {
      return text.replaceAll('%d', credentials).split(/=(.*)/s).slice(0, 2)
    })
    const [start = ''] = valuesOf('ExecStart')
    const command = here(start).replace('/usr/local/lib/oathmesh/oathmesh.sh', SCRIPT).split(' ')
    const { code, stderr } = await run(command, envOf(Object.fromEntries(variables)))
    expect([code, stderr]).toEqual([0, ''])
    expect(gateway.seen[0]?.headers).toMatchObject({ 'x-oathmesh-subject': 'svc://acme/billing' })
  })
})
