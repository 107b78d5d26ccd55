import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleServer, FIXTURES, STOCK, temporaryFolder } from './server-process.ts'

const folder = temporaryFolder()
const bundle = bundleServer(folder.path)
const plugins = join(FIXTURES, 'recorded')

afterAll(() => folder.remove())

function run(script: string, ...args: readonly string[]) {
  return spawnSync(process.execPath, [script, ...args], { encoding: 'buffer' })
}

describe('the dump', () => {
  test.each([
    [['-d', plugins, '--dump-all-plugins']],
    [['--plugins-directory', plugins, '-dump-all-plugins']],
    [['-d', plugins, '--dump-plugin-info', 'oathmesh']],
    [['--plugins-directory', plugins, '-dump-plugin-info', 'oathmesh']],
  ])('of %j is what the stock server prints for its wire, byte for byte', (args) => {
    const [ours, stock] = [run(bundle, '--wire', 'msgpack', ...args), run(STOCK, ...args)]
    expect(ours.stdout.toString('hex')).toBe(stock.stdout.toString('hex'))
    expect(ours.stdout.length).toBeGreaterThan(100)
    expect(ours.status).toBe(0)
    expect(ours.stderr.toString()).toBe('')
  })

  test('takes the long flags with one dash, which the stock server documents but misreads', () => {
    const { stdout, status } = run(bundle, '-plugins-directory', plugins, '-dump-all-plugins')
    expect(JSON.parse(stdout.toString())).toMatchObject({
      Protocol: 'ProtoBuf:1',
      Plugins: [{ Name: 'oathmesh', Priority: 1450 }],
    })
    expect(status).toBe(0)
  })

  test('leaves out what is no plugin, and says so on standard error alone', () => {
    const mixed = join(folder.path, 'mixed')
    mkdirSync(join(mixed, 'node_modules'), { recursive: true })
    writeFileSync(join(mixed, 'broken.js'), 'throw new Error("at load")')
    writeFileSync(join(mixed, 'empty.cjs'), '')
    writeFileSync(join(mixed, 'number.cjs'), 'module.exports = 1')
    writeFileSync(join(mixed, 'notes.md'), 'nothing')
    writeFileSync(join(mixed, '.hidden.js'), 'throw 1')
    writeFileSync(join(mixed, 'a.cjs'), 'module.exports = { Plugin: class { access() {} } }')
    writeFileSync(join(mixed, 'b.cjs'), 'module.exports = { Name: "A", Plugin: class {} }')
    const { stdout, stderr } = run(bundle, '-d', mixed, '--wire', 'msgpack', '--dump-all-plugins')
    expect(JSON.parse(stdout.toString())).toEqual([
      {
        Name: 'a',
        Phases: ['access'],
        Priority: 0,
        Schema: { name: 'a', fields: [{ config: { type: 'record', fields: [] } }] },
      },
    ])
    expect(stderr.toString().trim().split('\n').sort()).toEqual([
      expect.stringMatching(/a plugin could not be loaded .*broken.*at load/),
      expect.stringMatching(/a plugin could not be loaded .*empty.*exports no class/),
      expect.stringMatching(/a plugin could not be loaded .*number.*exports nothing/),
      expect.stringMatching(/a plugin was left out: its name is taken/),
    ])
  })

  test('ends although a plugin has left something open', () => {
    const busy = join(folder.path, 'busy')
    mkdirSync(busy)
    writeFileSync(
      join(busy, 'busy.cjs'),
      'setInterval(() => {}, 1000); module.exports = { Plugin: class {} }',
    )
    expect(run(bundle, '-d', busy, '--dump-all-plugins').status).toBe(0)
  })

  test('of a plugin that is not there is an error', () => {
    const { status, stderr, stdout } = run(bundle, '-d', plugins, '--dump-plugin-info', 'no')
    expect(status).toBe(1)
    expect(stderr.toString()).toMatch(/there is no plugin no in the folder/)
    expect(stdout.length).toBe(0)
  })
})

describe('the command line', () => {
  test.each([
    [[], /--plugins-directory is required/],
    [['-d', '/nonexistent'], /ENOENT/],
    [['-d', plugins, '--no-such-flag'], /--no-such-flag/],
    [['-d', plugins, 'extra'], /extra/],
    [['-d', plugins, '--wire', 'grpc'], /--wire must be msgpack or protobuf, not "grpc"/],
    [['-d', plugins, '--wire', 'toString'], /--wire must be/],
    [
      ['-d', plugins, '--max-frame-bytes', '1'],
      /--max-frame-bytes must be a whole number from 1024/,
    ],
    [['-d', plugins, '--phase-timeout-ms', '60000'], /to 55000, not "60000"/],
    [['-d', plugins, '--max-events', '1e3'], /not "1e3"/],
    [
      ['-d', plugins, '-p', '/nonexistent'],
      /the folder of the socket, .nonexistent, does not exist/,
    ],
  ])('%j is refused', (args, message) => {
    const { status, stderr, stdout } = run(bundle, ...args)
    expect(status).toBe(1)
    expect(stderr.toString()).toMatch(message)
    expect(stdout.length).toBe(0)
  })

  test('explains itself', () => {
    expect(run(bundle, '--help').stdout.toString()).toMatch(/--phase-timeout-ms <n> .*Kong waiting/)
    expect(run(bundle, '--version').stdout.toString()).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})
