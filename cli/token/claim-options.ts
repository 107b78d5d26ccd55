import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Source } from '../../lib/token/claims.ts'

/** The claims that a caller chooses. */
export interface ClaimOptions {
  readonly sub?: string
  readonly aud: string
  readonly act: string
  readonly ttl: number
  readonly scope?: readonly string[]
  readonly reason?: string
  readonly env?: string
  readonly tenant?: string
  readonly srcType?: string
  readonly srcRepo?: string
  readonly srcWorkflow?: string
  readonly srcRunId?: string
  readonly srcSha?: string
}

/** Adds the claims of specification 1.3 that every way of minting takes. */
export function addClaimOptions(command: Command): Command {
  return command
    .addOption(fromEnv('--aud <audience>', 'the API the token is for', 'AUD').makeOptionMandatory())
    .addOption(
      fromEnv('--act <action>', 'what the call does: inventory.write', 'ACT').makeOptionMandatory(),
    )
    .option('--ttl <time>', 'lifetime, 1 to 300 seconds, or 5m', readTtl, 120)
    .option('--scope <scope>', 'permission; may be repeated', collect)
    .option('--reason <text>', 'why, for the audit line')
    .option('--env <name>', 'environment, such as prod')
    .option('--tenant <id>', 'tenant')
    .option('--src-type <kind>', 'where the call comes from, such as github_actions')
    .option('--src-repo <name>', 'repository it comes from')
    .option('--src-workflow <name>', 'workflow it comes from')
    .option('--src-run-id <id>', 'run it comes from')
    .option('--src-sha <commit>', 'commit it comes from')
}

/** The `src` claim, or `undefined` when no member of it was given. */
export function sourceOf(options: ClaimOptions): Source | undefined {
  const { srcType: type, srcRepo: repo, srcWorkflow: workflow, srcRunId, srcSha: sha } = options
  const source: Source = {
    ...(type !== undefined && { type }),
    ...(repo !== undefined && { repo }),
    ...(workflow !== undefined && { workflow }),
    ...(srcRunId !== undefined && { run_id: srcRunId }),
    ...(sha !== undefined && { sha }),
  }
  return Object.keys(source).length === 0 ? undefined : source
}

export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

/** An option that a variable of the environment may stand for. */
export function fromEnv(flags: string, about: string, name: string): Option {
  return new Option(flags, about).env(`OATHMESH_${name}`)
}

function readTtl(text: string): number {
  const [, amount, unit] = /^(\d{1,3})(s|m)?$/.exec(text) ?? []
  const seconds = Number(amount) * (unit === 'm' ? 60 : 1)
  if (seconds >= 1 && seconds <= 300) return seconds
  throw new InvalidArgumentError('Give 1 to 300 seconds, or 1m to 5m.')
}
