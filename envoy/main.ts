#!/usr/bin/env -S node --max-semi-space-size=4
// Requests leave little behind, yet Node.js would grow the heap for new objects to 48 MB under load: 4 MB halves are as fast.
import { stderrLog } from '../lib/index.ts'
import { version } from '../package.json'
import { parseFlags } from './flags.ts'
import { HELP } from './help.ts'
import { serve } from './serve.ts'
import { superviseWorkers } from './supervise-workers.ts'

void main()

async function main(): Promise<void> {
  try {
    const flags = parseFlags(process.argv.slice(2))
    if (flags === 'help') process.stdout.write(HELP)
    else if (flags === 'version') process.stdout.write(`${version}\n`)
    else if (flags.workers > 1) await superviseWorkers(flags, stderrLog)
    else await serve(flags, stderrLog)
  } catch (cause) {
    stderrLog.error(cause instanceof Error ? cause.message : String(cause))
    process.exit(1)
  }
}
