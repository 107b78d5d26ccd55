import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse, parseAllDocuments } from 'yaml'
import { configFaults } from '../../../cli/kong/validate/config-faults.ts'
import { DIALECTS } from '../../../kong/snippets/dialects.ts'
import { EXAMPLE_NAMES, SNIPPETS } from '../../../kong/snippets/snippets.ts'
import { readIssuerConfig } from '../../../schema/read-issuer-config.ts'
import { freePort } from '../../../testkit/listen.ts'
import { inProcess } from '../../cli/kong/execute.ts'

const run = promisify(execFile)
const FOLDER = 'kong/kubernetes'
const FILES = readdirSync(FOLDER).filter((file) => !file.startsWith('values'))

interface Resource {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly plugin?: string
  readonly config?: Readonly<Record<string, unknown>>
  readonly data?: Readonly<Record<string, string>>
  readonly spec?: unknown
}

function resourcesOf(text: string): readonly Resource[] {
  return parseAllDocuments(text, { version: '1.1' }).map((document) => document.toJS() as Resource)
}

const all = FILES.flatMap((file) => resourcesOf(readFileSync(join(FOLDER, file), 'utf8')))

function resource(kind: string, name: string): Resource {
  const found = all.find((each) => each.kind === kind && each.metadata.name === name)
  if (found === undefined) throw new TypeError(`no ${kind} ${name}`)
  return found
}

/** Every text in a resource. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

describe('the manifests', () => {
  const validate = (files: readonly string[]) =>
    run('sh', ['test/kong/kubernetes/validate.sh', ...files])

  test('are resources of Kubernetes, without an unknown field', async () => {
    const files = [...FILES.map((file) => join(FOLDER, file)), 'examples/callers/cronjob.yaml']
    expect((await validate(files)).stdout).toMatch(/^1[5-9] checked/)
  }, 180_000)

  test('would be found faulty if they were', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'oathmesh-manifest-'))
    const file = join(folder, 'bad.yaml')
    const text = readFileSync(join(FOLDER, 'issuer.yaml'), 'utf8')
    writeFileSync(file, text.replace('readOnlyRootFilesystem', 'readonlyRootFilesystem'))
    await expect(validate([file])).rejects.toThrow(/readonlyRootFilesystem/)
    rmSync(folder, { recursive: true })
  }, 180_000)

  const isKongs = new Ajv2020({ allErrors: true, strict: false }).compile(
    JSON.parse(readFileSync('test/kong/kubernetes/kong-resources.schema.json', 'utf8')) as object,
  )
  const written = Object.values(SNIPPETS).flatMap((snippet) =>
    resourcesOf(DIALECTS['kic']?.write(snippet(EXAMPLE_NAMES)) ?? ''),
  )
  const kongs = [...all, ...written].filter(({ apiVersion }) => apiVersion.includes('konghq'))

  test.each(kongs.map((each) => [each.kind, each.metadata.name, each] as const))(
    '%s %s is one of the ingress controller',
    (_, __, each) => {
      isKongs(each)
      expect(isKongs.errors ?? []).toEqual([])
      if (each.plugin === 'oathmesh') expect(configFaults(each.config ?? {})).toEqual([])
    },
  )

  test('name plugins that there are', () => {
    const names = new Set(
      all.filter(({ plugin }) => plugin !== undefined).map(({ metadata }) => metadata.name),
    )
    const named = all.flatMap(({ metadata }) => metadata.annotations?.['konghq.com/plugins'] ?? [])
    expect(named.length).toBeGreaterThan(1)
    expect(named.filter((name) => !names.has(name))).toEqual([])
  })

  test('hold the guard that the command prints', async () => {
    const { stdout } = await inProcess({ args: ['kong', 'guard', '--kic'], stdin: undefined }, '.')
    expect(readFileSync(join(FOLDER, 'guard.yaml'), 'utf8')).toBe(stdout)
    expect(stdout).toContain('kind: KongClusterPlugin')
  })

  test('give the issuer a configuration that it takes', () => {
    const text = resource('ConfigMap', 'oathmesh-issuer').data?.['issuer.yaml'] ?? ''
    const { issuer, oidc } = parse(text) as {
      issuer: string
      oidc: readonly { audience: string }[]
    }
    expect(readIssuerConfig(parse(text))).not.toHaveProperty('faults')
    expect(oidc.map(({ audience }) => audience)).toEqual([issuer])
    expect(textsIn(resource('Deployment', 'cart'))).toContain(issuer)
    expect(textsIn(resource('KongPlugin', 'oathmesh-inventory').config)).toContain(issuer)
  })

  test('let every policy end at a pod that there is', () => {
    const labels = new Set(
      all.flatMap(
        ({ spec }) => JSON.stringify(spec ?? {}).match(/"app.kubernetes.io\/name":"[^"]+"/g) ?? [],
      ),
    )
    const made = ['oathmesh-redis', 'oathmesh-issuer', 'inventory', 'cart', 'kong']
    expect([...labels].sort()).toEqual(
      made.map((name) => `"app.kubernetes.io/name":"${name}"`).sort(),
    )
  })

  test('take the password of Redis where Kong finds it', () => {
    const values = readFileSync(join(FOLDER, 'values.yaml'), 'utf8')
    const { customEnv } = parse(values) as { customEnv: object }
    expect(Object.keys(customEnv)).toEqual(['oathmesh_redis_password'])
    const texts = textsIn(all.map(({ config }) => config)).filter((text) => text.includes('vault'))
    expect(new Set(texts)).toEqual(new Set(['{vault://env/oathmesh-redis-password}']))
  })

  test('start a Redis that asks for its password and forgets nothing', async () => {
    const { spec } = resource('StatefulSet', 'oathmesh-redis')
    const { template } = spec as { template: { spec: { containers: [{ command: string[] }] } } }
    const folder = mkdtempSync(join(tmpdir(), 'oathmesh-redis-'))
    const port = String(await freePort())
    const script = (template.spec.containers[0].command.at(-1) ?? '')
      .replaceAll('/run/redis', folder)
      .replace('/data', folder)
      .replace(/(exec redis-server \S+)/, `$1 --port ${port} --daemonize yes`)
    const env = { ...process.env, REDIS_PASSWORD: 'planted' }
    const ask = async (...words: string[]) =>
      (await run('redis-cli', ['-p', port, ...words])).stdout
    const auth = ['--no-auth-warning', '-a', 'planted']
    await run('sh', ['-ec', script], { env })
    try {
      await run('sh', ['-c', `until redis-cli -p ${port} ping >/dev/null; do sleep 0.1; done`])
      expect(await ask('get', 'x')).toContain('NOAUTH')
      const answer = await ask(...auth, 'config', 'get', 'maxmemory-policy', 'appendonly')
      expect(answer.trim().split('\n')).toEqual(
        expect.arrayContaining(['noeviction', 'appendonly', 'yes']),
      )
    } finally {
      await ask(...auth, 'shutdown', 'nosave')
      rmSync(folder, { recursive: true })
    }
  })

  test('are of containers that may do nothing but their work', () => {
    for (const { kind, spec, metadata } of all) {
      if (!['Deployment', 'StatefulSet'].includes(kind)) continue
      const { template } = spec as { template: { spec: Readonly<Record<string, unknown>> } }
      const { automountServiceAccountToken, securityContext, containers } = template.spec
      expect([metadata.name, automountServiceAccountToken]).toEqual([metadata.name, false])
      expect(securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      })
      expect(
        (containers as readonly Readonly<Record<string, unknown>>[])[0]?.['securityContext'],
      ).toEqual({
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      })
    }
  })
})
