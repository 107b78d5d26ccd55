import { exploreCommand } from '../../../cli/explore/explore-command.ts'
import { runCli } from '../../../cli/terminal/run-cli.ts'
import { fakeIo } from '../fake-io.ts'

const OPTIONS = ['--config', 'none.yml', '--aud', 'a', '--act', 'b', '--issuer', 'https://i.test']

/** What of a command line is refused before anything is opened; the rest is in test/e2e/first-minutes. */
describe('oathmesh explore', () => {
  // biome-ignore format: reads as a table
  test.each([
    ['an address that is none',             ['--gateway', 'gateway:8000'],                                   '--gateway must be'],
    ['an address with a password',          ['--gateway', 'http://user:pass@127.0.0.1:8000/'],               '--gateway must be'],
    ['a port that is none',                 ['--gateway', 'http://127.0.0.1/', '--port', '65536'],           '--port must be'],
    ['a credential that can be read once',  ['--gateway', 'http://127.0.0.1/', '--credential-file', '-'],    'read for each token'],
    ['a configuration that is not there',   ['--gateway', 'http://127.0.0.1/'],                              'none.yml: no such file'],
  ])('refuses %s', async (_, options, said) => {
    const io = fakeIo()
    await runCli(exploreCommand(io), [...OPTIONS, ...options], io)
    const { exitCode, stdout, stderr } = io.written
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).toContain(said)
    expect(stderr).not.toContain('pass@')
  })
})
