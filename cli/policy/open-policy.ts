import { readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import type { PolicyDocument } from '../../lib/index.ts'
import { compileDocument, type PolicyScope } from '../../lib/policy/document.ts'
import { loadDocument } from '../../lib/policy/load-document.ts'
import { PolicyFaults } from '../../lib/policy/policy-faults.ts'
import { readPolicy } from '../../schema/read-policy.ts'
import { InputError } from '../terminal/input-error.ts'
import { type Placed, Places } from '../terminal/place.ts'
import { unreadable } from '../terminal/read-input.ts'

/** What came of a policy file: a document that a gateway would run, or what keeps it from that. */
export type OpenedPolicy =
  | {
      readonly valid: true
      readonly document: PolicyDocument
      readonly sha256: string
      readonly places: Places
    }
  | { readonly valid: false; readonly faults: readonly Placed[] }

/** Opens a policy as the gateway does. Throws `InputError` for a file that cannot be read. */
export async function openPolicy(file: string, scope?: PolicyScope): Promise<OpenedPolicy> {
  const path = resolve(file)
  if (!['.json', '.pkl'].includes(extname(path))) {
    throw new InputError(`${file}: must end in .json or .pkl`)
  }
  try {
    const { document, sha256 } = await loadDocument(path, readPolicy)
    const places = await placesOf(path)
    const fault = faultOf(document, scope)
    if (fault !== undefined) return { valid: false, faults: [places.of(fault)] }
    return { valid: true, document, sha256, places }
  } catch (cause) {
    if (!(cause instanceof PolicyFaults)) throw unreadable(file, cause)
    const places = await placesOf(path)
    return { valid: false, faults: cause.faults.map((fault) => places.of(fault)) }
  }
}

function faultOf(document: PolicyDocument, scope: PolicyScope | undefined): string | undefined {
  try {
    compileDocument(document, scope)
    return undefined
  } catch (cause) {
    if (cause instanceof TypeError) return cause.message
    throw cause
  }
}

async function placesOf(path: string): Promise<Places> {
  return new Places(path, await readFile(path, 'utf8'))
}
