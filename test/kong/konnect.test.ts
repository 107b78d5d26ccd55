import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { configFaults } from '../../cli/kong/validate/config-faults.ts'
import { fencedBlocks } from '../docs/fenced-blocks.ts'

const PAGE = 'docs/konnect.md'

describe(PAGE, () => {
  const [block] = fencedBlocks(PAGE, 'yaml')
  const { vaults } = parse(block?.text ?? '') as {
    readonly vaults: readonly { readonly name: string; readonly prefix: string }[]
  }
  const references = readFileSync(PAGE, 'utf8').match(/\{vault:\/\/[^}…]+\}/g) ?? []
  const known = ['env', ...vaults.map(({ prefix }) => prefix)]

  test('refers to vaults that there are', () => {
    expect(references.length).toBeGreaterThan(2)
    expect(vaults.map(({ name }) => name)).toEqual(['hcv'])
    for (const reference of references) {
      expect(known).toContain(/^\{vault:\/\/([^/]+)\//.exec(reference)?.[1])
    }
  })

  test.each(references)('%s is a reference that an entity may have', (password) => {
    const config = {
      audience: 'https://api.example.com',
      issuers: [{ issuer: 'https://issuer.example.com' }],
      policy: { allow_all: true },
      redis: { password },
    }
    expect(configFaults(config)).toEqual([])
  })
})
