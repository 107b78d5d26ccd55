import { readFileSync } from 'node:fs'
import { ENTITY_FIELDS } from '../../schema/kong-entity.ts'

interface Attributes {
  readonly default?: unknown
  readonly eq?: unknown
}

const answer = JSON.parse(readFileSync('test/fixtures/kong-schema-answer.json', 'utf8')) as {
  readonly fields: readonly Readonly<Record<string, Attributes>>[]
  readonly kept: Readonly<Record<string, unknown>>
}

describe('what the plugin says of its entities beside the configuration', () => {
  test('is what a Kong answers that has been told', () => {
    expect(answer.fields).toEqual(ENTITY_FIELDS)
  })

  // decK compares a file, with these defaults filled in, with what Kong keeps.
  test('leaves nothing for a deck diff that the file did not say', () => {
    const filledIn = answer.fields
      .flatMap((field) => Object.entries(field))
      .map(([name, { default: value, eq }]) => [name, value ?? eq])
    expect(Object.fromEntries(filledIn)).toEqual(answer.kept)
  })
})
