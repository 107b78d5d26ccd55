import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { oathmeshProgram } from '../../cli/program.ts'
import * as core from '../../lib/index.ts'
import * as plugin from '../../plugins/oathmesh/index.ts'
import { fakeIo } from '../cli/fake-io.ts'

const FOLDER = join(__dirname, 'contracts')

/** What others rely on, as text. A change of one of them is a change of its file, to be seen in review. */
const CONTRACTS: Readonly<Record<string, () => string>> = {
  'help.txt': () => commandsOf(oathmeshProgram(fakeIo())).map(helpOf).join('\n'),
  'exports-core.txt': () => `${Object.keys(core).sort().join('\n')}\n`,
  'exports-package.txt': () =>
    `${JSON.stringify((JSON.parse(readFileSync('package.json', 'utf8')) as { exports: unknown }).exports, null, 2)}\n`,
  'plugin.txt': () => {
    const { Plugin: _, ...described } = plugin
    return `${JSON.stringify(described, null, 1)}\n`
  },
}

describe('contracts', () => {
  test.each(Object.entries(CONTRACTS))('%s is what it was', (name, now) => {
    const file = join(FOLDER, name)
    if (process.env['TRANSCRIPTS'] === 'write') writeFileSync(file, now())
    expect(now()).toBe(readFileSync(file, 'utf8'))
  })
})

function commandsOf(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(commandsOf)]
}

function helpOf(command: Command): string {
  command.configureOutput({ getOutHelpWidth: () => 100, getOutHasColors: () => false })
  return command.helpInformation()
}
