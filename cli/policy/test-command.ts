import { Command } from 'commander'
import { errorMessage } from '../../lib/error-message.ts'
import type { PolicyDocument } from '../../lib/index.ts'
import { compileDocument } from '../../lib/policy/document.ts'
import { parseStrictJson } from '../../lib/token/strict-json.ts'
import {
  type PolicyCase,
  type PolicyCases,
  readPolicyCases,
} from '../../schema/read-policy-cases.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { Places } from '../terminal/place.ts'
import { count, painter, placeText } from '../terminal/print.ts'
import { readInput } from '../terminal/read-input.ts'
import { reportFaults } from './faults-report.ts'
import { openPolicy } from './open-policy.ts'
import { toClaims } from './to-claims.ts'

interface CaseResult {
  readonly name: string
  readonly passed: boolean
  readonly expected: PolicyCase['expect']
  readonly actual: { readonly allow: boolean; readonly rule?: string }
}

/** `oathmesh policy test`: whether a policy says what a table of cases expects. */
export function testCommand(io: CliIo): Command {
  return new Command('test')
    .description('check the decisions of a policy against a table of cases')
    .argument('<file>', 'policy, .json or .pkl')
    .argument('<cases>', 'table of claims and expected decisions, .json; - for standard input')
    .option('--json', 'print the results as JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 all as expected, 1 not, 2 wrong usage or unreadable file',
    )
    .action(async (file: string, cases: string, options: { readonly json?: true }) => {
      const json = options.json === true
      const table = await readCases(cases, io)
      const policy = await openPolicy(file)
      if (!policy.valid) return reportFaults(file, policy.faults, json, io)
      const results = run(policy.document, table)
      const unused = unusedRules(policy.document, results)
      if (results.some(({ passed }) => !passed)) io.setExitCode(1)
      io.stdout.write(
        json
          ? `${JSON.stringify({ file, results, unused }, null, 2)}\n`
          : resultText(results, unused, io.stdout.color),
      )
    })
}

async function readCases(file: string, io: CliIo): Promise<PolicyCases> {
  const bytes = await readInput(file, io)
  const reading = readPolicyCases(parse(file, bytes))
  if ('table' in reading) return reading.table
  const places = new Places(file, bytes.toString('utf8'))
  throw new InputError(reading.faults.map((fault) => placeText(file, places.of(fault))).join('\n'))
}

function parse(file: string, bytes: Buffer): unknown {
  try {
    return parseStrictJson(bytes)
  } catch (cause) {
    const message = errorMessage(cause)
    const place = new Places(file, bytes.toString('utf8')).of(message)
    throw new InputError(placeText(file, place), { cause })
  }
}

function run(document: PolicyDocument, { defaults, cases }: PolicyCases): readonly CaseResult[] {
  const policy = compileDocument(document)
  return cases.map(({ name, claims, expect: expected }) => {
    const actual = policy.decide(toClaims({ ...defaults, ...claims }, document))
    const passed = actual.allow === expected.allow && actual.rule === expected.rule
    return { name, passed, expected, actual }
  })
}

function unusedRules({ rules }: PolicyDocument, results: readonly CaseResult[]): readonly string[] {
  const used = new Set(results.map(({ actual }) => actual.rule))
  return rules.map(({ name }) => name).filter((name) => !used.has(name))
}

function resultText(
  results: readonly CaseResult[],
  unused: readonly string[],
  color: boolean,
): string {
  const paint = painter(color)
  const lines = results.map(({ name, passed, expected, actual }) => {
    if (passed) return `${paint('green', 'ok')}   ${paint('bold', name)}`
    const difference = `expected ${outcome(expected)}, got ${outcome(actual)}`
    return `${paint('red', 'FAIL')} ${paint('bold', name)}: ${difference}`
  })
  const failed = results.filter(({ passed }) => !passed).length
  if (unused.length > 0)
    lines.push(`no case decided by: ${unused.map((of) => `"${of}"`).join(', ')}`)
  lines.push(`${count(results.length, 'case')}, ${failed} failed`)
  return `${lines.join('\n')}\n`
}

function outcome({ allow, rule }: CaseResult['actual']): string {
  return `${allow ? 'allow' : 'deny'} by "${rule}"`
}
