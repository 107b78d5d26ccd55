import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { parse, parseAllDocuments } from 'yaml'
import { configFaults } from '../../cli/kong/validate/config-faults.ts'
import { nativeFunctions } from '../../kong/local-gateway/guard-functions.ts'
import { DIALECTS } from '../../kong/snippets/dialects.ts'
import type { SnippetEntity } from '../../kong/snippets/snippet.ts'
import { EXAMPLE_NAMES, SNIPPETS } from '../../kong/snippets/snippets.ts'
import { variableOf } from '../../kong/snippets/to-curl.ts'
import { listen } from '../../testkit/listen.ts'
import { startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { inProcess } from '../cli/kong/execute.ts'
import { fencedBlocks } from '../docs/fenced-blocks.ts'

// Its own types bring those of browsers along, for every file.
const { parse: parseHcl } = createRequire(__filename)('@cdktn/hcl2json') as {
  readonly parse: (file: string, text: string) => Promise<unknown>
}
const run = promisify(execFile)
const PAGE = 'docs/snippets.md'

type Table = Readonly<Record<string, unknown>>

/** What Kong would come to know, from whichever dialect. */
interface Read {
  readonly plugin: unknown
  readonly service: unknown
  readonly enabled: unknown
  readonly config: unknown
}

const purposes = Object.entries(SNIPPETS).map(
  ([purpose, snippet]) => [purpose, snippet(EXAMPLE_NAMES)] as const,
)

function expected({ plugin, on, enabled, config }: SnippetEntity): Read {
  return { plugin, service: on?.name, enabled: enabled ?? true, config }
}

const textOf = (dialect: string, snippet: (typeof purposes)[number][1]) =>
  DIALECTS[dialect]?.write(snippet) ?? ''

/** The plugins of a file for decK. */
function readDeck(text: string): readonly Read[] {
  const { plugins } = parse(text, { version: '1.1' }) as { plugins: readonly Table[] }
  return plugins.map(({ name, service, enabled = true, config }) => ({
    plugin: name,
    service,
    enabled,
    config,
  }))
}

function readKic(text: string): readonly Read[] {
  return parseAllDocuments(text, { version: '1.1' }).map((document) => {
    expect(document.errors).toEqual([])
    const { kind, metadata, plugin, disabled = false, config } = document.toJS() as Table
    const { name, labels } = metadata as { name: string; labels?: unknown }
    const tie = new RegExp(`annotate service (\\S+) konghq.com/plugins=${name}$`, 'm').exec(text)
    expect(kind).toBe(tie ? 'KongPlugin' : 'KongClusterPlugin')
    if (!tie) expect(labels).toEqual({ global: 'true' })
    return { plugin, service: tie?.[1], enabled: disabled === false, config }
  })
}

async function readTerraform(text: string): Promise<readonly Read[]> {
  const { resource } = (await parseHcl('snippet.tf', text)) as {
    resource: { konnect_gateway_custom_plugin: Readonly<Record<string, readonly Table[]>> }
  }
  return Object.values(resource.konnect_gateway_custom_plugin).map(([body]) => {
    const { name, control_plane_id, service, enabled = true, config } = body ?? {}
    expect(control_plane_id).toBe(`\${konnect_gateway_control_plane.main.id}`)
    const id = (service as { id: string } | undefined)?.id
    return { plugin: name, service: id?.split('.')[1], enabled, config: withoutEscapes(config) }
  })
}

/** The parser leaves the doubled signs of a template as they stand in the text. */
function withoutEscapes(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll(/([$%])\1(?=\{)/g, '$1'))
}

/** What an HTTP server gets when a shell runs the commands. */
async function readCurl(commands: string): Promise<readonly Read[]> {
  const requests: { readonly path: string; readonly token: unknown; readonly body: Table }[] = []
  const server = await listen(
    createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Table
      requests.push({ path: request.url ?? '', token: request.headers.authorization, body })
      response.writeHead(201).end('{}')
    }),
  )
  const local = commands.replaceAll(/http:\/\/localhost:8001|https:\/\/\$[^/"]*/g, server.url)
  const ids = [EXAMPLE_NAMES.service, EXAMPLE_NAMES.other].map((name) => [variableOf(name), name])
  const env = { ...process.env, ...Object.fromEntries(ids), KONNECT_TOKEN: 't', NO_PROXY: '*' }
  try {
    await run('sh', ['-euc', local], {
      env: { ...env, CONTROL_PLANE_ID: 'cp', KONNECT_REGION: 'eu' },
    })
  } finally {
    await server.stop()
  }
  return requests.map(({ path, token, body }) => {
    const konnect = '/v2/control-planes/cp/core-entities'
    expect(path.startsWith(konnect)).toBe(token === 'Bearer t')
    const place = /^\/(?:services\/([^/]+)\/)?plugins$/.exec(path.replace(konnect, ''))
    expect(place).not.toBeNull()
    const { name, enabled = true, config } = body
    return { plugin: name, service: place?.[1], enabled, config }
  })
}

describe.each(purposes)('the snippet %s', (_, snippet) => {
  const entities = snippet.entities.map(expected)

  test('as a file for decK', () => {
    expect(readDeck(textOf('deck', snippet))).toEqual(entities)
  })

  test('as calls of the Admin API', async () => {
    expect(await readCurl(textOf('admin', snippet))).toEqual(entities)
  })

  test('as calls of Konnect', async () => {
    expect(await readCurl(textOf('konnect', snippet))).toEqual(entities)
  })

  test('as resources of the ingress controller', () => {
    expect(readKic(textOf('kic', snippet))).toEqual(entities)
  })

  test('as resources of Terraform', async () => {
    expect(await readTerraform(textOf('terraform', snippet))).toEqual(entities)
  })

  test('is a configuration without a fault', () => {
    const own = snippet.entities.filter(({ plugin }) => plugin === 'oathmesh')
    expect(own.flatMap(({ config }) => configFaults(config))).toEqual([])
  })

  // Vault references are Kong's to resolve, not the stand-in's.
  test('is loaded by the gateway', async () => {
    const text = textOf('deck', snippet).replace(/\{vault:[^}]*\}/, 'resolved')
    const gateway = await startOnLoopback({
      nativeFunctions,
      entities: (url) => ({
        ...(parse(text, { version: '1.1' }) as object),
        services: [EXAMPLE_NAMES.service, EXAMPLE_NAMES.other].map((name) => ({
          name,
          url,
          routes: [{ name, paths: [`/${name}`] }],
        })),
      }),
    })
    await gateway.stop()
  })
})

test(`${PAGE} holds every snippet but the guard in every dialect`, () => {
  const page = readFileSync(PAGE, 'utf8')
  for (const [purpose, snippet] of purposes) {
    for (const dialect of Object.keys(DIALECTS)) {
      expect([purpose, page.includes(textOf(dialect, snippet))]).toEqual([
        purpose,
        purpose !== 'guard',
      ])
    }
  }
})

describe(`the commands of ${PAGE}`, () => {
  const lines = fencedBlocks(PAGE, 'sh')
    .flatMap(({ text }) => text.split('\n'))
    .filter((line) => line.startsWith('oathmesh '))

  test.each(lines)('%s', async (line) => {
    const args = line.split(' ').slice(1)
    const ran = await inProcess({ args, stdin: undefined }, '.')
    expect([ran.exitCode, ran.stderr]).toEqual([0, ''])
    for (const own of ['orders', 'https://orders.internal']) {
      expect(ran.stdout.includes(own)).toBe(args.includes(own))
    }
  })

  test('are there', () => expect(lines).toHaveLength(2))
})

describe('expressions of HCL', () => {
  test.each([
    ['what would begin a template', { a: ['$', '%', '$$'].map((sign) => `${sign}{b} 100%`) }],
    ['quotes, line ends, backslashes', { a: 'say "no"\n\\n\ttab' }],
    ['keys that are no names', { 'a.b': 1, '1': 2, 'a b': 3 }],
    ['nothing in it', { a: {}, b: [], c: '' }],
    ['null and numbers', { a: null, b: -1, c: 0.5, d: true }],
    ['lists of lists', { a: [[1], [{ b: 2 }]] }],
  ])('keep %s', async (_, config) => {
    const entity = { label: 'x', plugin: 'oathmesh', config }
    const [read] = await readTerraform(textOf('terraform', { about: 'A', entities: [entity] }))
    expect(read?.config).toEqual(config)
  })
})
