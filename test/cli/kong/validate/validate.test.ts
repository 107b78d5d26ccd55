import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configFaults } from '../../../../cli/kong/validate/config-faults.ts'
import { validationAsText } from '../../../../cli/kong/validate/report.ts'
import { vaultFaults } from '../../../../cli/kong/validate/vault-faults.ts'
import configSchema from '../../../../schema/config.schema.json' with { type: 'json' }
import type { JsonSchema } from '../../../../schema/json-schema.ts'
import { asBundle, inProcess } from '../execute.ts'
import { replay } from '../transcript.ts'

const FOLDER = join(__dirname, 'transcripts')

describe('oathmesh kong validate', () => {
  test.each(readdirSync(FOLDER))('%s', async (name) => {
    const text = readFileSync(join(FOLDER, name), 'utf8')
    const played = await replay(text, inProcess)
    if (process.env['TRANSCRIPTS'] === 'write') writeFileSync(join(FOLDER, name), played)
    else expect(played).toBe(text)
  })

  test('finds no fault in kong/kong.yml', async () => {
    const { stdout } = await inProcess(
      { args: ['kong', 'validate', 'kong/kong.yml'], stdin: undefined },
      '.',
    )
    expect(stdout).toBe('kong/kong.yml: 2 oathmesh entities, no fault\n')
  })
})

describe('the built oathmesh kong validate', () => {
  // The bundle would wait on whatever a check had opened.
  test.each(['sound.txt', 'start.txt'])('%s', async (name) => {
    const text = readFileSync(join(FOLDER, name), 'utf8')
    expect(await replay(text, asBundle)).toBe(text)
  })
})

/** A configuration that is all references, with the path of each. */
function references(schema: JsonSchema, path = ''): [string, boolean, unknown][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const own = path === '' ? name : `${path}.${name}`
    if (property.type === 'object') return references(property, own)
    const value = own
      .split('.')
      .reduceRight<unknown>((inner, part) => ({ [part]: inner }), '{vault://env/x}')
    return [[own, property['x-secret'] !== undefined, value]]
  })
}

describe('a vault reference', () => {
  test.each(references(configSchema as JsonSchema))('in %s: resolved %s', (path, secret, value) => {
    expect(vaultFaults(value).map((phrase) => phrase.split(':')[0])).toEqual(secret ? [] : [path])
  })

  test('is not taken for a secret that is too short', () => {
    const config = {
      audience: 'https://api.example.com',
      issuers: [{ issuer: 'https://issuer.example.com' }],
      policy: { allow_all: true },
      audit: { sink: 'file', file: '/var/log/audit', hmac_key: '{vault://env/k}' },
    }
    expect(configFaults(config)).toEqual([])
    const short = { ...config, audit: { ...config.audit, hmac_key: 'short' } }
    expect(configFaults(short)).toEqual([expect.stringMatching(/^audit\.hmac_key: /)])
  })

  test('is found in lists', () => {
    expect(vaultFaults({ issuers: [{ subjects: ['a', '{vault://env/x}'] }] })).toEqual([
      expect.stringMatching(/^issuers\[0\]\.subjects\[1\]: Kong resolves/),
    ])
  })
})

describe('the report', () => {
  const fault = {
    path: 'plugins[0].config.\u001b[2J',
    line: 3,
    entity: 'oathmesh "\u0007" without scope',
    field: '\u001b[2J',
    message: 'unknown member',
    hint: '',
  }

  test('lets no name of the file steer the terminal', () => {
    const text = validationAsText({ file: 'kong.yml', oathmesh: 1, faults: [fault] }, false)
    expect(text).toBe(
      'kong.yml:3 plugins[0].config.\\u001b[2J: unknown member\n  oathmesh "\\u0007" without scope\n\n1 fault\n',
    )
  })

  test('colours place and message where it may', () => {
    const text = validationAsText({ file: 'kong.yml', oathmesh: 1, faults: [fault] }, true)
    expect(text).toContain('\u001b[1mkong.yml:3\u001b[0m')
    expect(text).toContain('\u001b[31munknown member\u001b[0m')
  })
})
