import { errorMessage } from '../../lib/error-message.ts'
import { MintError } from '../../sdk/node/mint-error.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'

/**
 * Does what needs a token. `undefined` when the issuer refused one, which has been said and ends with 1.
 * Throws `InputError`, with the reason that the platform keeps to itself, when somebody cannot be asked.
 */
export async function attempt<T>(
  command: string,
  io: CliIo,
  act: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await act()
  } catch (cause) {
    if (cause instanceof MintError && cause.kind === 'refused') {
      io.stderr.write(`${cause.message}\n`)
      io.setExitCode(1)
      return undefined
    }
    throw new InputError(`${command}: ${reasonOf(cause)}`, { cause })
  }
}

/** The platform says "fetch failed" and puts the reason into a cause, at times of several layers. */
function reasonOf(thrown: unknown): string {
  const reasons = new Set<string>()
  for (let at = thrown, depth = 0; isError(at) && depth < 4; at = at.cause, depth++) {
    const said = at.message === '' ? (at.code ?? '') : at.message
    if (said !== 'fetch failed') reasons.add(said)
    // Each address of a host that was tried fails by itself.
    for (const one of at.errors ?? []) if (isError(one)) reasons.add(one.message)
  }
  reasons.delete('')
  return reasons.size === 0 ? errorMessage(thrown) : [...reasons].join(': ')
}

interface Thrown {
  readonly message: string
  readonly code?: string
  readonly cause?: unknown
  readonly errors?: readonly unknown[]
}

function isError(thrown: unknown): thrown is Thrown {
  return typeof (thrown as Thrown | undefined)?.message === 'string'
}
