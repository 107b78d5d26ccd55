import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { ISSUER_REFUSALS } from '../../../lib/issuer/refusal.ts'
import schema from '../../../schema/issuer-config.schema.json' with { type: 'json' }
import { readIssuerConfig } from '../../../schema/read-issuer-config.ts'

const PAGE = readFileSync('docs/issuer.md', 'utf8')
const BLOCKS = Array.from(PAGE.matchAll(/```yaml\n(.*?)```/gs), ([, text]) => text ?? '')

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

  test.each(BLOCKS.slice(1).filter((text) => /^(?:oidc|revocation):/.test(text)))(
    'has a recipe that is valid: %s',
    (text) => {
      const base: object = parse(BLOCKS[0] ?? '')
      expect(readIssuerConfig({ ...base, ...parse(text) })).toMatchObject({ config: {} })
    },
  )

  test('knows every field, and every field has a description', () => {
    const fields = fieldsOf(schema as Node)
    expect(fields.filter(([name]) => !PAGE.includes(name))).toEqual([])
    expect(fields.filter(([, { description }]) => description === undefined)).toEqual([])
  })
})

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
