import { Command } from 'commander'
import { explainDocument } from '../../lib/policy/explain.ts'
import type { CliIo } from '../terminal/io.ts'
import { explanationText } from './explanation-text.ts'
import { reportFaults } from './faults-report.ts'
import { openPolicy } from './open-policy.ts'
import { type ClaimsOptions, readClaims } from './read-claims.ts'
import { toClaims } from './to-claims.ts'

interface ExplainOptions extends ClaimsOptions {
  readonly json?: true
}

/** `oathmesh policy explain`: which rule decides a call, and what keeps the others from it. */
export function explainCommand(io: CliIo): Command {
  return new Command('explain')
    .description('show which rule decides a call and what keeps the others from it')
    .argument('<file>', 'policy, .json or .pkl')
    .option('--token <token>', 'token of the call, not verified; - for standard input')
    .option('--claims <json>', 'claims of the call; - for standard input')
    .option('--json', 'print the explanation as JSON')
    .addHelpText(
      'after',
      '\nA token on the command line is seen by others on this machine: prefer "--token -".' +
        '\nExit codes: 0 allowed, 1 denied or policy refused, 2 wrong usage or unreadable file',
    )
    .action(async (file: string, options: ExplainOptions) => {
      const json = options.json === true
      const payload = await readClaims(options, io)
      const policy = await openPolicy(file)
      if (!policy.valid) return reportFaults(file, policy.faults, json, io)
      const claims = toClaims(payload, policy.document)
      const explanation = explainDocument(policy.document, claims)
      if (!explanation.decision.allow) io.setExitCode(1)
      io.stdout.write(
        json
          ? `${JSON.stringify({ file, ...explanation }, null, 2)}\n`
          : explanationText(claims, explanation, io.stdout.color),
      )
      if (options.token !== undefined) io.stderr.write('The signature has not been verified.\n')
    })
}
