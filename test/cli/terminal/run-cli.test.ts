import { Command } from 'commander'
import { InputError } from '../../../cli/terminal/input-error.ts'
import { runCli } from '../../../cli/terminal/run-cli.ts'
import { fakeIo } from '../fake-io.ts'

async function run(action: () => void | Promise<void>, ...args: readonly string[]) {
  const io = fakeIo()
  const group = new Command('group').addCommand(new Command('do').action(action))
  await runCli(new Command('oathmesh').addCommand(group), ['group', 'do', ...args], io)
  return io.written
}

describe('running a command', () => {
  test('ends with 0 when it returns', async () => {
    expect(await run(() => {})).toEqual({ stdout: '', stderr: '', exitCode: 0 })
  })

  test('ends with 2 and the message when the input is wrong', async () => {
    const written = await run(() => {
      throw new InputError('kong.yml: no such file')
    })
    expect(written).toEqual({
      stdout: '',
      stderr: 'oathmesh: kong.yml: no such file\n',
      exitCode: 2,
    })
  })

  test('ends with 2, never with 1, when it breaks, and says where', async () => {
    const written = await run(() => Promise.reject(new RangeError('broken')))
    expect(written.exitCode).toBe(2)
    expect(written.stderr).toContain('oathmesh: broken\nRangeError: broken\n    at ')
  })

  test('ends with 2 when something is thrown that is no error', async () => {
    expect(await run(() => Promise.reject('text'))).toMatchObject({
      stderr: 'oathmesh: text\n',
      exitCode: 2,
    })
  })

  test('ends with 2 for wrong usage of a nested command', async () => {
    expect(await run(() => {}, 'surplus')).toMatchObject({ stdout: '', exitCode: 2 })
  })

  test('ends with 0 for help', async () => {
    const { stdout, exitCode } = await run(() => {}, '--help')
    expect([stdout.split('\n')[0], exitCode]).toEqual(['Usage: oathmesh group do [options]', 0])
  })
})
