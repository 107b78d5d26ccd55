import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { renderDeck } from '../../../../kong/guard/render.ts'
import { inProcess } from './execute.ts'

const page = readFileSync(join(__dirname, '../../../../docs/guard.md'), 'utf8')
const blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block ?? '')
const commands = blocks.flatMap((block) => block.match(/oathmesh kong [^|>\n]*/g) ?? [])
const source = readFileSync(join(__dirname, '../../../../plugins/cli/kong/lint/finding.ts'), 'utf8')

describe('docs/guard.md', () => {
  test.each(commands)('"%s" does what it says', async (command) => {
    const folder = mkdtempSync(join(tmpdir(), 'oathmesh-docs-'))
    writeFileSync(join(folder, 'kong.yml'), renderDeck({ kind: 'global' }))
    const args = command.trim().split(' ').slice(1)
    const ran = await inProcess({ args, stdin: 'kong.yml' }, folder)
    rmSync(folder, { recursive: true })
    expect({ ...ran, stdout: '' }).toEqual({ stdout: '', stderr: '', exitCode: 0 })
    expect(ran.stdout).not.toBe('')
  })

  test('names every finding there is, and no other', () => {
    const documented = [...page.matchAll(/^\| `(\w+)`/gm)].map(([, code]) => code)
    const [union = ''] = /FindingCode =.*?\n\n/s.exec(source) ?? []
    const codes = [...union.matchAll(/'(\w+)'/g)].map(([, code]) => code)
    expect(documented.sort()).toEqual(codes.sort())
  })
})
