import { type Command, InvalidArgumentError, Option } from 'commander'
import { LAST_STEP } from '../../lib/denial.ts'
import type { Clock } from '../../lib/index.ts'
import type { FilterOptions } from './filter.ts'
import { parseInstant } from './instant.ts'

/** What `audit` and its subcommands share. Times that are given as "how long ago" count from now. */
export interface ReadingOptions extends FilterOptions {
  readonly strict?: true
}

/** Adds the options that choose lines, and says on help what they have in common. */
export function addFilterOptions(command: Command, clock: Clock): Command {
  const instant = (text: string) => parseInstant(text, clock.now())
  return command
    .addOption(new Option('--event <event>', 'outcome').choices(['allow', 'deny']))
    .option('--step <n>', 'number of the step that decided; may be repeated', steps)
    .option('--reason <glob>', 'reason of a denial; may be repeated', texts)
    .option('--sub <glob>', 'subject, verified or not; may be repeated', texts)
    .option('--route <glob>', 'route; may be repeated', texts)
    .option('--since <time>', 'RFC 3339, or how long ago: 15m', instant)
    .option('--until <time>', 'end of the time, itself left out', instant)
    .option('--strict', 'end with 1 when lines had to be skipped')
    .addHelpText(
      'after',
      '\nAll options must fit; of a repeated one, any. In a glob, * stands for any text.' +
        '\nReads standard input when no file is named, or for -. Lines that are not of the plugin' +
        '\nare skipped and counted on stderr.' +
        '\nExit codes: 0 done, 1 lines skipped with --strict, 2 wrong usage or unreadable file',
    )
}

function texts(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

function steps(value: string, before: readonly number[] = []): readonly number[] {
  if (!/^[1-9]\d?$/.test(value) || Number(value) > LAST_STEP) {
    throw new InvalidArgumentError('Expected the number of a step.')
  }
  return [...before, Number(value)]
}
