import { requestHash } from '../../../lib/binding/request-hash.ts'
import { type FakePeer, json, startIssuer } from '../../sdk/node/fixture.ts'
import { CommandFolder } from '../command-folder.ts'
import { readOutput } from '../output-schema.ts'

let folder: CommandFolder
let issuer: FakePeer
beforeEach(async () => {
  folder = new CommandFolder()
  issuer = await startIssuer()
  folder.write('credential', 'planted-credential')
})
afterEach(async () => {
  folder.remove()
  await issuer.stop()
})

const run = (...args: string[]) =>
  folder.run([
    'token',
    ...['--issuer', issuer.origin, '--credential-file', 'credential'],
    ...['--aud', 'https://api.example', '--act', 'items.write', ...args],
  ])
const asked = () => JSON.parse(issuer.asked[0]?.body ?? '{}') as Record<string, unknown>

describe('oathmesh token', () => {
  test('prints a token from an issuer', async () => {
    expect(await run()).toEqual({ stdout: 't1\n', stderr: '', exitCode: 0 })
    expect(asked()).toMatchObject({ aud: 'https://api.example', act: 'items.write', ttl_hint: 120 })
  })

  test('prints it as a header, or as JSON', async () => {
    expect((await run('--header')).stdout).toBe('Authorization: OathMesh t1\n')
    expect(readOutput('token', (await run('--json')).stdout)).toEqual({
      token: 't2',
      token_type: 'OathMesh',
    })
  })

  test('takes a lifetime in minutes', async () => {
    await run('--ttl', '5m')
    expect(asked()).toMatchObject({ ttl_hint: 300 })
  })

  test.each(['6m', '0m', '1h', '5 m', '301', '1.5m'])('refuses a lifetime of %s', async (ttl) => {
    const { stderr, exitCode } = await run('--ttl', ttl)
    expect([stderr, exitCode]).toEqual([expect.stringContaining('Give 1 to 300 seconds'), 2])
  })

  test('binds it to one request', async () => {
    await run('--bind', 'POST /v1/items?dry=1', '--body', '{"sku":"A-1"}')
    const line = { method: 'POST', rawPath: '/v1/items', rawQuery: 'dry=1' }
    expect(asked()).toMatchObject({
      rqh: requestHash('strict', line, Buffer.from('{"sku":"A-1"}')),
    })
  })

  test.each([
    [['--body', 'x'], '--body needs --bind'],
    [['--bind-mode', 'body'], '--bind-mode needs --bind'],
    [['--bind', 'GET /a/../b'], '--bind must be as it is sent: /b'],
    [['--key', 'issuer.pem'], 'give either --key or --issuer'],
  ])('%j ends with 2', async (args, message) => {
    expect(await run(...args)).toEqual({
      stdout: '',
      stderr: `oathmesh: token: ${message}\n`,
      exitCode: 2,
    })
  })

  test('ends with 1 when the issuer refuses', async () => {
    issuer.answer = (_, response) => json(response, 403, { error: 'mint_denied' })
    expect(await run()).toEqual({
      stdout: '',
      stderr: 'the issuer gave no token: 403 mint_denied\n',
      exitCode: 1,
    })
  })

  test('ends with 2 and the cause when the issuer cannot be reached', async () => {
    await issuer.stop()
    const { stderr, exitCode } = await run()
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(
      /^oathmesh: token: the issuer gave no token: .*ECONNREFUSED 127\.0\.0\.1/,
    )
  })

  test('is what mint points to', async () => {
    const { stderr, exitCode } = await folder.run(['mint', '--issuer', 'https://issuer.example'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('"oathmesh token --issuer <url>" mints at an issuer')
  })
})

describe('a file where a token is expected', () => {
  test.each(['inspect', 'explain'])('%s says how to name it', async (command) => {
    folder.write('token.txt', 'x.y.z')
    const more = command === 'explain' ? ['--config', 'kong.yml'] : []
    const { stderr, exitCode } = await folder.run([command, ...more, 'token.txt'])
    expect(exitCode).toBe(2)
    if (command === 'inspect') expect(stderr).toContain('token.txt: is a file; say @token.txt')
  })
})
