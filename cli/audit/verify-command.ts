import { Command } from 'commander'
import { ChainCheck, type ChainFault } from '../../lib/audit/chain-check.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { count, painter } from '../terminal/print.ts'
import { readInput } from '../terminal/read-input.ts'
import { readAuditLine } from './read-audit-line.ts'
import { readLines } from './read-lines.ts'

const FAULTS: Readonly<Record<ChainFault, string>> = {
  unsealed: 'no seal',
  changed: 'changed, or sealed with another key',
  no_start: 'its chain begins before it, elsewhere or cut off',
  missing: 'lines before it are missing, or it stands before its turn',
  repeated: 'a copy, or moved: its place has been passed',
  after_stop: 'its chain had ended',
}

/** `oathmesh audit verify`: whether sealed lines are what was written, all of it, and in order. */
export function verifyCommand(io: CliIo): Command {
  return new Command('verify')
    .description('check that sealed audit lines were neither changed nor left out nor moved')
    .argument('<file>', "audit file or Kong's error log; - for standard input")
    .requiredOption('--key-file <file>', 'key of the chain; a line end after it does not count')
    .addHelpText(
      'after',
      '\nA chain without its stop may go on elsewhere, or have been cut at its end.' +
        '\nExit codes: 0 all good, 1 faults or no sealed line, 2 wrong usage or unreadable file',
    )
    .action(async (file: string, { keyFile }: { readonly keyFile: string }) => {
      const check = await checkWith(keyFile, io)
      const faults = await report(file, check, io)
      for (const { chain, lines, until, stopped } of check.chains) {
        const end = stopped ? 'stopped' : 'no stop: later lines may be missing'
        io.stdout.write(`chain ${chain}: ${count(lines, 'line')} until ${until}, ${end}\n`)
      }
      if (check.chains.length === 0) {
        io.stdout.write(faults > 0 ? 'no line fits this key\n' : 'no sealed line\n')
      }
      if (faults > 0 || check.chains.length === 0) io.setExitCode(1)
    })
}

/** Says what is wrong as it is found, by the number of the line, blank ones left out. */
async function report(file: string, check: ChainCheck, io: CliIo): Promise<number> {
  const paint = painter(io.stdout.color)
  const shown = file === '-' ? '<stdin>' : file
  let faults = 0
  let number = 0
  for await (const lines of readLines([file], io)) {
    for (const line of lines) {
      number++
      const fault = faultOf(line, check)
      if (fault === undefined) continue
      faults++
      io.stdout.write(`${shown}:${number}: ${paint('red', fault)}: ${FAULTS[fault]}\n`)
    }
  }
  return faults
}

/** Other lines of Kong's log are no concern of the chain; a missing one shows at the next. */
function faultOf(line: string, check: ChainCheck): ChainFault | undefined {
  const reading = readAuditLine(line)
  if (reading === 'foreign' && !line.startsWith('{')) return undefined
  return check.take(typeof reading === 'string' ? line : reading.text)
}

async function checkWith(keyFile: string, io: CliIo): Promise<ChainCheck> {
  const text = (await readInput(keyFile, io)).toString('latin1').replace(/\r?\n$/, '')
  try {
    return new ChainCheck(Buffer.from(text, 'latin1'))
  } catch (cause) {
    throw new InputError(`${keyFile}: fewer than 32 bytes`, { cause })
  }
}
