import { Command } from 'commander'
import { escapeControls } from '../../lib/index.ts'
import type { Revocation } from '../../lib/revocation/revocation-list.ts'
import { isSubject } from '../../lib/token/subject.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { count } from '../terminal/print.ts'
import { Refused, type RevocationStore } from './revocation-store.ts'
import { addStoreOptions, openStore, type StoreOptions } from './store-options.ts'

interface RevocationOptions extends StoreOptions {
  readonly json?: true
}

const CODES = '\nExit codes: 0 done, 1 the issuer refused, 2 wrong usage, or the store is away'

/** `oathmesh revoke`: from its next call on, no token of a subject is accepted. */
export function revokeCommand(io: CliIo): Command {
  return changeCommand(io, {
    name: 'revoke',
    about: 'refuse every token of a subject, whenever issued',
    status: 'revoked',
    accepts: isSubject,
    change: (store, subject) => store.revoke(subject),
  })
}

/** `oathmesh unrevoke`: the subject may call again. */
export function unrevokeCommand(io: CliIo): Command {
  return changeCommand(io, {
    name: 'unrevoke',
    about: 'accept tokens of a subject again',
    status: 'unrevoked',
    // Whatever another tool has put on the list can be taken off it.
    accepts: (text) => text !== '',
    change: (store, subject) => store.unrevoke(subject),
  })
}

/** `oathmesh revocations`: who is revoked, and since when. */
export function revocationsCommand(io: CliIo): Command {
  return addStoreOptions(new Command('revocations'))
    .description('list the subjects that are revoked')
    .option('--json', 'print the list as JSON')
    .addHelpText('after', examples('revocations'))
    .action(async (options: RevocationOptions) => {
      await within(options, io, async (store) => report(await store.list(), options, io))
    })
}

function report(found: readonly Revocation[], { json }: RevocationOptions, io: CliIo): void {
  const sorted = found.toSorted((a, b) => (a.subject < b.subject ? -1 : 1))
  if (json) {
    const revocations = sorted.map(({ subject: sub, revokedAt: revoked_at }) => ({
      sub,
      revoked_at,
    }))
    io.stdout.write(`${JSON.stringify({ revocations }, null, 2)}\n`)
    return
  }
  for (const { subject, revokedAt } of sorted) {
    io.stdout.write(`${escapeControls(`${revokedAt}  ${subject}`)}\n`)
  }
  io.stderr.write(`${count(sorted.length, 'revoked subject')}\n`)
}

interface Change {
  readonly name: string
  readonly about: string
  readonly status: 'revoked' | 'unrevoked'
  accepts(subject: string): boolean
  change(store: RevocationStore, subject: string): Promise<void>
}

function changeCommand(io: CliIo, { name, about, status, accepts, change }: Change): Command {
  return addStoreOptions(new Command(name))
    .description(about)
    .argument('<subject>', 'such as svc://shop/cart')
    .option('--json', 'print the outcome as JSON')
    .addHelpText('after', examples(`${name} svc://shop/cart`))
    .action(async (subject: string, options: RevocationOptions) => {
      if (!accepts(subject)) throw new InputError(`${name}: not a subject, such as svc://shop/cart`)
      await within(options, io, async (store) => {
        await change(store, subject)
        const result = { sub: subject, status }
        io.stdout.write(
          options.json
            ? `${JSON.stringify(result, null, 2)}\n`
            : `${escapeControls(subject)}: ${status}\n`,
        )
      })
    })
}

/** Opens the store, uses it and closes it. What was done is reported in `use`: closing may take its time. */
async function within(
  options: StoreOptions,
  io: CliIo,
  use: (store: RevocationStore) => Promise<void>,
): Promise<void> {
  const store = await openStore(options, io)
  try {
    await use(store)
  } catch (cause) {
    if (!(cause instanceof Refused)) throw cause
    io.stderr.write(`${escapeControls(cause.message)}\n`)
    io.setExitCode(1)
  } finally {
    await store.close()
  }
}

function examples(command: string): string {
  return `
Examples:
  $ oathmesh ${command} --redis redis://redis.internal:6379/0
  $ oathmesh ${command} --config kong.yml#items
  $ OATHMESH_CREDENTIAL=… oathmesh ${command} --issuer https://issuer.example.com
${CODES}`
}
