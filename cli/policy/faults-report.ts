import type { CliIo } from '../terminal/io.ts'
import type { Placed } from '../terminal/place.ts'
import { count, placeText } from '../terminal/print.ts'

/** Says what keeps a policy from being run, and ends with exit code 1. */
export function reportFaults(
  file: string,
  faults: readonly Placed[],
  json: boolean,
  { stdout, setExitCode }: CliIo,
): void {
  setExitCode(1)
  if (json) {
    stdout.write(`${JSON.stringify({ file, valid: false, faults }, null, 2)}\n`)
    return
  }
  for (const fault of faults) stdout.write(`${placeText(file, fault)}\n`)
  stdout.write(`${count(faults.length, 'fault')}: a gateway refuses this policy\n`)
}
