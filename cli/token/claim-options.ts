import { type Command, InvalidArgumentError } from 'commander'
import type { Source } from '../../lib/index.ts'

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
    .requiredOption('--aud <audience>', 'the API the token is for')
    .requiredOption('--act <action>', 'what the call does, such as inventory.write')
    .option('--ttl <seconds>', 'lifetime, 1 to 300', readTtl, 120)
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

function readTtl(text: string): number {
  const seconds = Number(text)
  if (/^\d{1,3}$/.test(text) && seconds >= 1 && seconds <= 300) return seconds
  throw new InvalidArgumentError('Give whole seconds from 1 to 300.')
}
