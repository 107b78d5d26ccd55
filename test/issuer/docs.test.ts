import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { ISSUER_REFUSALS } from '../../issuer/refusal.ts'
import schema from '../../schema/issuer-config.schema.json' with { type: 'json' }
import { readIssuerConfig } from '../../schema/read-issuer-config.ts'
import { fencedBlocks } from '../docs/fenced-blocks.ts'
import { paste } from '../docs/paste.ts'

const PAGE = readFileSync('docs/issuer.md', 'utf8')
const BLOCKS = fencedBlocks('docs/issuer.md', 'yaml').map(({ text }) => text)
const AUDIENCE = 'https://issuer.acme.example'

describe('docs/issuer.md', () => {
  test.each([...new Set(Object.values(ISSUER_REFUSALS).map(({ code }) => code))])(
    'names %s',
    (code) => {
      expect(PAGE).toContain(`\`${code}\``)
    },
  )

  test('begins with a configuration that is valid', () => {
    expect(readIssuerConfig(parse(BLOCKS[0] ?? ''))).toMatchObject({ config: {} })
  })

  test.each(BLOCKS.slice(1).filter(isRecipe))('has a recipe that is valid: %s', (text) => {
    const base: object = parse(BLOCKS[0] ?? '')
    expect(readIssuerConfig({ ...base, ...parse(text) })).toMatchObject({ config: {} })
  })

  const platforms = BLOCKS.slice(1).filter((text) => !isRecipe(text))

  test('shows for each platform where a job has its identity token from', () => {
    const [github, gitlab, kubernetes, ...others] = platforms.map((text) => parse(text))
    expect(gitlab.deploy.id_tokens).toEqual({ IDENTITY_TOKEN: { aud: AUDIENCE } })
    expect(kubernetes.volumes[0].projected.sources[0].serviceAccountToken).toMatchObject({
      audience: AUDIENCE,
    })
    expect(github.permissions).toEqual({ 'id-token': 'write' })
    expect(others).toEqual([])
  })

  test('has a step that gets the identity token of a GitHub job', async () => {
    const [{ run }] = parse(platforms[0] ?? '').steps
    // What GitHub gives a job, and what its address answers.
    const env = {
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
      ACTIONS_ID_TOKEN_REQUEST_URL: 'https://actions.example/token?api-version=2',
    }
    const standIns = `curl() {
      [ "$*" = "-sS -H Authorization: Bearer request-token https://actions.example/token?api-version=2&audience=${AUDIENCE}" ]
      echo '{"count":1,"value":"identity"}'
    }`
    const script = `${run}\necho "$IDENTITY_TOKEN"`
    expect(await paste(script, { cwd: '.', env, standIns })).toEqual({
      output: 'identity\n',
      exitCode: 0,
    })
  })

  test('knows every field, and every field has a description', () => {
    const fields = fieldsOf(schema as Node)
    expect(fields.filter(([name]) => !PAGE.includes(name))).toEqual([])
    expect(fields.filter(([, { description }]) => description === undefined)).toEqual([])
  })
})

function isRecipe(text: string): boolean {
  return /^(?:oidc|revocation):/.test(text)
}

function fieldsOf({ properties = {} }: Node): readonly (readonly [string, Node])[] {
  const own = Object.entries(properties).filter(([name]) => name !== '$schema')
  return own.flatMap(([name, field]) => [
    [name, field] as const,
    ...fieldsOf(field),
    ...fieldsOf(field.items ?? {}),
  ])
}

interface Node {
  readonly description?: string
  readonly properties?: Readonly<Record<string, Node>>
  readonly items?: Node
}
