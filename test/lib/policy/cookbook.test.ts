import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { policyCommand } from '../../../cli/policy/policy-command.ts'
import { runCli } from '../../../cli/terminal/run-cli.ts'
import { fakeIo } from '../../cli/fake-io.ts'

const ROOT = join(__dirname, '../../..')
const DOCUMENT = readFileSync(join(ROOT, 'docs/policy.md'), 'utf8')
const [reference = '', cookbook = ''] = DOCUMENT.split('\n## Cookbook\n')

const recipes = cookbook
  .split('\n### ')
  .slice(1)
  .map((text) => {
    const [title = ''] = text.split('\n', 1)
    const blocks = [...text.matchAll(/```(json|pkl) (policy|cases)\n(.*?)```/gs)]
    return {
      title,
      blocks: blocks.map(([, ending = '', kind = '', body = '']) => ({ ending, kind, body })),
    }
  })

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cookbook-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
const run = async (...args: string[]) => {
  const io = fakeIo()
  await runCli(new Command('oathmesh').addCommand(policyCommand(io)), ['policy', ...args], io)
  return io.written
}
const PASSED = { exitCode: 0, stderr: '', stdout: expect.stringMatching(/ 0 failed\n$/) }

describe('the cookbook', () => {
  test('has ten policies', () => {
    expect(recipes.map(({ blocks }) => blocks.map(({ kind }) => kind))).toEqual(
      Array.from({ length: 10 }, () => ['policy', 'cases']),
    )
  })

  test.each(recipes)('$title', async ({ blocks: [policy, cases] }) => {
    const file = write(`policy.${policy?.ending}`, policy?.body ?? '')
    const table = write('cases.json', cases?.body ?? '')
    expect(await run('check', '--strict', file)).toMatchObject({ exitCode: 0 })
    const result = await run('test', file, table)
    expect(result).toEqual(PASSED)
    // Each rule but a default that the recipe is not about decides some case.
    expect(result.stdout.replace('"default"', '')).not.toMatch(/no case decided by: .*"/)
  })
})

test('the document that the reference shows is valid', async () => {
  const [, body = ''] = /```json\n(.*?)```/s.exec(reference) ?? []
  expect(await run('check', '--strict', write('policy.json', body))).toMatchObject({ exitCode: 0 })
})

test('the example that ships is valid and passes its cases', async () => {
  const example = (name: string) => join(ROOT, 'examples/policy', name)
  expect(await run('check', '--strict', example('policy.pkl'))).toMatchObject({ exitCode: 0 })
  expect(await run('test', example('policy.pkl'), example('cases.json'))).toEqual(PASSED)
})
