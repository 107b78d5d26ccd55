import { Command } from 'commander'
import type { PolicyScope } from '../../lib/policy/document.ts'
import { reviewDocument } from '../../lib/policy/review.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { count, painter, placeText } from '../terminal/print.ts'
import { reportFaults } from './faults-report.ts'
import { openPolicy } from './open-policy.ts'

interface CheckOptions {
  readonly audience?: string
  readonly issuer?: readonly string[]
  readonly strict?: true
  readonly json?: true
}

/** `oathmesh policy check`: whether a gateway would run this policy, and what looks unintended. */
export function checkCommand(io: CliIo): Command {
  return new Command('check')
    .description('check that a gateway would accept a policy, and warn of what looks unintended')
    .argument('<file>', 'policy, .json or .pkl')
    .option('--audience <aud>', 'audience of the gateway; with --issuer, checks that they fit')
    .option('--issuer <iss>', 'issuer that the gateway trusts; may be repeated', collect)
    .option('--strict', 'let warnings fail the check')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExit codes: 0 valid, 1 refused, 2 wrong usage or unreadable file')
    .action((file: string, options: CheckOptions) => check(file, options, io))
}

async function check(file: string, options: CheckOptions, io: CliIo): Promise<void> {
  const json = options.json === true
  const policy = await openPolicy(file, scopeOf(options))
  if (!policy.valid) return reportFaults(file, policy.faults, json, io)

  const { document, sha256, places } = policy
  const warnings = reviewDocument(document).map(({ path, message }) => places.at(path, message))
  const rules = document.rules.length
  if (options.strict && warnings.length > 0) io.setExitCode(1)
  if (json) {
    const result = { file, valid: true, rules, sha256, warnings }
    io.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
    return
  }
  const paint = painter(io.stdout.color)
  for (const warning of warnings) {
    io.stdout.write(`${paint('yellow', 'warning')} ${placeText(file, warning)}\n`)
  }
  const summary = [count(rules, 'rule'), count(warnings.length, 'warning'), `sha256 ${sha256}`]
  io.stdout.write(`${file}: ${paint('green', 'valid')}, ${summary.join(', ')}\n`)
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

function scopeOf({ audience, issuer }: CheckOptions): PolicyScope | undefined {
  if (audience === undefined && issuer === undefined) return undefined
  if (audience === undefined || issuer === undefined) {
    throw new InputError('policy check: --audience and --issuer go together')
  }
  return { audience, issuers: issuer }
}
