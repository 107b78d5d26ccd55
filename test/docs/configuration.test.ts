import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import schema from '../../schema/audit-event.schema.json' with { type: 'json' }
import { parseConfig } from '../../schema/parse-config.ts'
import { fencedBlocks } from './fenced-blocks.ts'

const [smallest, ...fragments] = [
  ...fencedBlocks('README.md', 'yaml'),
  ...fencedBlocks('docs/policy.md', 'yaml'),
]

describe('the smallest configuration', () => {
  const { plugins } = parse(smallest?.text ?? '')

  test('is one of the plugin', () => {
    expect(plugins).toEqual([{ name: 'oathmesh', config: expect.any(Object) }])
    expect(parseConfig(plugins[0].config)).toMatchObject({ enforcement: 'enforce' })
  })

  test.each(fragments)('takes $page, line $line', ({ text }) => {
    const fragment = parse(text)
    expect(parseConfig({ ...plugins[0].config, ...fragment })).toMatchObject(fragment)
  })
})

describe('kong.conf', () => {
  const settings = (text: string) =>
    Object.fromEntries(
      [...text.matchAll(/^([a-z_]+) *= *(.*)$/gm)].map(([, name = '', value]) => [name, value]),
    )
  const shipped = settings(readFileSync('kong/kong.conf', 'utf8'))
  const blocks = ['README.md', 'docs/plugin-server.md'].flatMap((page) => fencedBlocks(page, 'ini'))

  test('is in the README as it ships', () => {
    expect(shipped).toMatchObject(settings(blocks[0]?.text ?? ''))
  })

  test.each(blocks)('of $page names a plugin server that describes the plugin', ({ text }) => {
    const { pluginserver_oathmesh_query_cmd: query = '', ...others } = settings(text)
    const [command = '', ...args] = query.replaceAll('/opt/oathmesh', resolve('dist')).split(' ')
    expect(JSON.parse(execFileSync(command, args).toString())).toMatchObject({
      Protocol: 'ProtoBuf:1',
      Plugins: [{ Name: 'oathmesh' }],
    })
    expect(others['pluginserver_oathmesh_start_cmd']).toContain(query.split(' -')[0])
  })

  test.each(blocks)('of $page asks for the socket that the plugin server makes', ({ text }) => {
    const { pluginserver_oathmesh_socket: socket, ...others } = settings(text)
    const start = others['pluginserver_oathmesh_start_cmd'] ?? ''
    const [, prefix = '/usr/local/kong'] = /--kong-prefix (\S+)/.exec(start) ?? []
    const [, name = 'js_pluginserver.sock'] = /--sock-name (\S+)/.exec(start) ?? []
    expect(socket).toBe(join(prefix, name))
  })
})

test('the audit line that docs/audit.md shows fits its schema', () => {
  const [line] = fencedBlocks('docs/audit.md', 'json')
  const validate = new Ajv2020({ strict: false }).compile(schema)
  expect([validate(JSON.parse(line?.text ?? '')), validate.errors]).toEqual([true, null])
})

test('the policy in Pkl that ships begins with the line that docs/policy.md shows', () => {
  const [amends] = fencedBlocks('docs/policy.md', 'pkl')
  expect(readFileSync('examples/policy/policy.pkl', 'utf8').split('\n')).toContain(
    amends?.text.trim(),
  )
})
