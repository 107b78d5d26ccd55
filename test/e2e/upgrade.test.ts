import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { readAuditLine } from '../../cli/audit/read-audit-line.ts'
import { parseFlags } from '../../plugins/pluginserver/flags.ts'
import auditSchema from '../../schema/audit-event.schema.json' with { type: 'json' }
import { parseConfig } from '../../schema/parse-config.ts'
import { readIssuerConfig } from '../../schema/read-issuer-config.ts'
import { readPolicyCases } from '../../schema/read-policy-cases.ts'
import { inProcess } from '../cli/kong/execute.ts'
import { temporaryFolder } from '../issuer/fixture.ts'

/** As version 0.1.0 had, and wrote, them; see the README there. */
const FOLDER = 'test/fixtures/release-0.1.0'
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8')
const oathmesh = (...args: string[]) => inProcess({ args, stdin: undefined }, FOLDER)

describe('a configuration of 0.1.0', () => {
  test.each(['kong.yml', 'compose.yml'])('%s has no fault', async (file) => {
    const { exitCode, stdout } = await oathmesh('kong', 'validate', file)
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('no fault')])
  })

  const configs: readonly object[] = JSON.parse(read('plugin-configs.json'))

  test('is taken by the plugin as it is, whatever it sets', () => {
    expect(configs.length).toBeGreaterThan(40)
    for (const config of configs) expect(() => parseConfig(config)).not.toThrow()
  })

  test('is taken by the issuer', () => {
    expect(readIssuerConfig(parse(read('issuer.yaml')))).toMatchObject({ config: {} })
  })

  test('starts the plugin server: its command line is still understood', () => {
    const commands = [...read('kong.conf').matchAll(/_(?:start|query)_cmd = \S+ (.*)$/gm)]
    expect(commands).toHaveLength(2)
    for (const [, flags = ''] of commands)
      expect(parseFlags(flags.split(' '))).toBeInstanceOf(Object)
  })

  test('has cases of a policy that can be read', () => {
    expect(readPolicyCases(JSON.parse(read('cases.json')))).toHaveProperty('table.cases.5')
  })
})

describe('what has to change after 0.1.0 is said', () => {
  const folder = temporaryFolder()
  afterAll(() => folder.remove())

  test('of the guard: its functions are to be replaced', async () => {
    const { exitCode, stdout } = await oathmesh('kong', 'lint', 'kong.yml')
    expect([exitCode, stdout]).toEqual([
      1,
      expect.stringMatching(/guard_version[\s\S]*oathmesh kong guard/),
    ])
  })

  const [smallest] = JSON.parse(read('plugin-configs.json'))

  test.each([
    ['a host in brackets', { redis: { host: '[::1]' } }, /redis\.host: must be .*bracket/],
    ['half a number for a host', { redis: { host: '127.1' } }, /redis\.host: must be a host name/],
  ])('of %s', (_, change, message) => {
    expect(() => parseConfig({ ...smallest, ...change })).toThrow(message)
  })

  test('of an entity on a consumer, which Kong no longer takes', async () => {
    const consumer = { username: 'ci', plugins: [{ name: 'oathmesh', config: smallest }] }
    const file = folder.write('consumer.json', '')
    writeFileSync(file, JSON.stringify({ _format_version: '3.0', consumers: [consumer] }))
    const { exitCode, stdout } = await oathmesh('kong', 'validate', file)
    expect([exitCode, stdout]).toEqual([1, expect.stringMatching(/consumer/)])
  })
})

describe('audit lines of 0.1.0', () => {
  const lines = read('audit.ndjson').trimEnd().split('\n')
  const check = new Ajv2020({ allErrors: true }).compile(auditSchema)

  test('are still read, each with its reason', () => {
    expect(lines.length).toBeGreaterThan(30)
    const readings = lines.map(readAuditLine)
    expect(readings.filter((reading) => typeof reading === 'string')).toEqual([])
    for (const line of lines) {
      check(JSON.parse(line))
      expect({ line, errors: check.errors ?? null }).toEqual({ line, errors: null })
    }
  })

  test('are counted beside new ones', async () => {
    const { exitCode, stdout } = await oathmesh('audit', 'summary', 'audit.ndjson', '--json')
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ lines: lines.length })
  })

  test('keep their seal', async () => {
    const { exitCode, stdout } = await oathmesh(
      ...['audit', 'verify', 'sealed.ndjson', '--key-file', 'sealed.key'],
    )
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('stopped')])
  })
})
