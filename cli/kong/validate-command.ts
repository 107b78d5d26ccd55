import { Command } from 'commander'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { readInput } from '../terminal/read-input.ts'
import { KongDocument } from './entities/kong-document.ts'
import { validationAsJson, validationAsText } from './validate/report.ts'
import { type Validation, validateEntities } from './validate/validate-entities.ts'

const HELP = `
Checks what Kong and the plugin would refuse: fields, bounds, rules between fields, URLs, keys and policy
rules that stand in the file. Fetches nothing, and leaves files alone that the gateway would read.

Exit codes: 0 no fault, 1 faults, 2 wrong usage or unreadable file`

/** `oathmesh kong validate`: finds what would keep an oathmesh entity from starting. */
export function validateCommand(io: CliIo): Command {
  return new Command('validate')
    .description('check the configuration of every oathmesh entity')
    .argument('<file>', 'Kong declarative file or decK dump, YAML or JSON; - for standard input')
    .option('--json', 'print the faults as JSON')
    .addHelpText('after', HELP)
    .action(async (file: string, { json }: { readonly json?: true }) => {
      const shown = file === '-' ? '<stdin>' : file
      const text = (await readInput(file, io)).toString('utf8')
      const result = { file: shown, ...validate(shown, text) }
      io.stdout.write(json ? validationAsJson(result) : validationAsText(result, io.stdout.color))
      io.setExitCode(result.faults.length === 0 ? 0 : 1)
    })
}

function validate(file: string, text: string): Validation {
  try {
    return validateEntities(new KongDocument(text))
  } catch (cause) {
    if (cause instanceof InputError) throw new InputError(`${file}:${cause.message}`, { cause })
    throw cause
  }
}
