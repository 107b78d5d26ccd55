import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseFlags } from '../../envoy/flags.ts'
import { addressOfWorker, addressText, parseAddress } from '../../lib/ports/address.ts'
import { ENVOY_SERVICE, EnvoyService } from '../../testkit/envoy-service.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'

const folder = mkdtempSync(join(tmpdir(), 'om-envoy-cli-'))
const good = join(folder, 'good.json')
writeFileSync(good, JSON.stringify(BASE_CONFIG))
afterAll(() => rmSync(folder, { recursive: true }))

const LISTEN = ['--listen', 'unix:/run/a.sock']

function config(name: string, content: object): string {
  const file = join(folder, `${name}.json`)
  writeFileSync(file, JSON.stringify(content))
  return file
}

/** What it says when it does not start. */
function refusal(...args: string[]): string {
  const run = spawnSync(process.execPath, [ENVOY_SERVICE, ...args], { encoding: 'utf8' })
  expect(run.status).toBe(1)
  return run.stderr
}

describe('the flags', () => {
  test.each<readonly [readonly string[], RegExp]>([
    [[], /--listen or --listen-http is required/],
    [LISTEN, /--config is required/],
    [['--config', 'a', ...LISTEN], /--config a: is neither NAME=FILE nor a folder/],
    [['--config', 'a b=x', ...LISTEN], /"a b" is no name/],
    [['--config', 'a=x', '--config', 'a=y', ...LISTEN], /"a" is given twice/],
    [['--config', 'a=x', '--listen', 'nowhere'], /--listen must be unix:PATH or HOST:PORT/],
    [['--config', 'a=x', '--listen', '127.0.0.1:70000'], /--listen must be/],
    [['--config', 'a=x', '--listen', `unix:/${'a'.repeat(107)}`], /has 108 bytes/],
    [['--config', 'a=x', ...LISTEN, '--workers', '0'], /--workers must be a whole number/],
    [['--config', 'a=x', ...LISTEN, '--tls-cert', 'c'], /belong together/],
    [['--config', 'a=x', ...LISTEN, '--bogus'], /--bogus/],
  ])('%j: %s', (args, message) => {
    expect(() => parseFlags(args)).toThrow(message)
  })

  test('take a folder of configurations', () => {
    const own = join(folder, 'policies')
    mkdirSync(own)
    for (const file of ['a.yaml', 'b.yml', 'c.json', 'd.txt', '.e.yaml']) {
      writeFileSync(join(own, file), '')
    }
    const flags = parseFlags(['--config', own, ...LISTEN])
    expect(typeof flags === 'object' && [...flags.policies.keys()]).toEqual(['a', 'b', 'c'])
  })

  test.each([
    ['unix:/run/oathmesh.sock', 'unix:/run/oathmesh.1.sock'],
    ['unix:/run/a.b/oathmesh', 'unix:/run/a.b/oathmesh.1'],
    ['127.0.0.1:9000', '127.0.0.1:9001'],
    ['[::1]:9000', '[::1]:9001'],
  ])('give each worker an address of its own: %s', (given, expected) => {
    expect(addressText(addressOfWorker(parseAddress('--listen', given), 1))).toBe(expected)
  })
})

describe('it does not start with', () => {
  const listen = ['--listen', `unix:${join(folder, 'never.sock')}`]
  test.each<readonly [string, object, RegExp]>([
    ['a field that nobody knows', { ...BASE_CONFIG, audiense: 'x' }, /policy "p" .*audiense/],
    [
      'consumers',
      { ...BASE_CONFIG, consumer: { by: 'subject' } },
      /consumer\.by: Envoy has no consumers/,
    ],
    ['Kong’s log', { ...BASE_CONFIG, audit: { serialize: true } }, /audit\.serialize/],
    [
      'a vault reference',
      { ...BASE_CONFIG, redis: { password: '{vault://env/secret-name}' } },
      /redis\.password: vault references/,
    ],
    ['a list', [], /must be a mapping/],
  ])('%s', (name, content, message) => {
    const said = refusal('--config', `p=${config(name.replaceAll(/\W/g, ''), content)}`, ...listen)
    expect(said).toMatch(message)
    expect(said).not.toContain('secret-name')
  })

  test('a file that is not there', () => {
    expect(refusal('--config', 'p=/nowhere.yaml', ...listen)).toMatch(/policy "p".*no such file/)
  })

  test('a memory of used tokens for each of several workers', () => {
    const said = refusal('--config', `p=${good}`, '--workers', '2', ...listen)
    expect(said).toMatch(/replay\.store: must be redis with more than one of --workers/)
  })

  test('an address where another one is served, or that is no socket', async () => {
    const path = join(folder, 'taken.sock')
    const server = createServer().listen(path)
    await new Promise((resolve) => server.once('listening', resolve))
    const run = new Promise<string>((resolve) => {
      EnvoyService.start({
        policies: { default: BASE_CONFIG },
        flags: ['--listen', `unix:${path}`],
      })
        .then(() => resolve('started'))
        .catch((cause: Error) => resolve(cause.message))
    })
    expect(await run).toMatch(/is served by another process/)
    server.close()
    expect(refusal('--config', `p=${good}`, '--listen', `unix:${good}`)).toMatch(/is not a socket/)
  })
})

test('replaces a socket that a killed process has left', async () => {
  const service = await EnvoyService.start({ policies: { default: BASE_CONFIG } })
  await service.end('SIGKILL')
  await service.start()
  expect(await service.end('SIGTERM').then(() => service.errors)).toMatch(/stopping why="SIGTERM"/)
  await service.stop()
}, 30_000)

test('help and version', () => {
  const run = (flag: string) => execFileSync(process.execPath, [ENVOY_SERVICE, flag]).toString()
  expect(run('--help')).toMatch(/--listen-http/)
  expect(run('--version')).toMatch(/^\d+\.\d+\.\d+\n$/)
})
