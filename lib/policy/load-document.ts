import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { basename, dirname, extname, isAbsolute, sep } from 'node:path'
import { errorMessage } from '../error-message.ts'
import { escapeControls } from '../escape-controls.ts'
import { parseStrictJson } from '../token/strict-json.ts'
import type { DocumentReader, PolicyDocument } from './document.ts'
import { evaluatePkl } from './pkl/evaluate-pkl.ts'
import { PolicyFaults } from './policy-faults.ts'

/** Far more than ten thousand rules need. */
const MAX_FILE_BYTES = 8 << 20

export interface LoadedDocument {
  readonly document: PolicyDocument
  /** Hex digest of the JSON text: of the file itself, or of what Pkl made of it. */
  readonly sha256: string
  /** The JSON text. */
  readonly text: string
}

/** Throws `TypeError` unless `path` is one that `loadDocument` can have a go at. */
export function assertPolicyPath(path: string, field = 'policy.file'): void {
  if (!isAbsolute(path)) throw new TypeError(`${field}: must be an absolute path`)
  if (!['.json', '.pkl'].includes(extname(path))) {
    throw new TypeError(`${field}: must end in .json or .pkl`)
  }
}

/**
 * Reads a policy document from a `.json` or `.pkl` file. A link is followed within its folder, as
 * Kubernetes lays out its volumes, and refused when it leads elsewhere: nobody watches there.
 * Throws `PolicyFaults` for what its author can mend, another `Error` for a file that cannot be read
 * and for a Pkl that is not installed.
 */
export async function loadDocument(path: string, read: DocumentReader): Promise<LoadedDocument> {
  const folder = await realpath(dirname(path))
  const file = await realpath(path)
  const within = folder.endsWith(sep) ? folder : folder + sep
  if (!file.startsWith(within)) {
    throw new PolicyFaults([`${basename(path)} is a link that leads out of its folder, to ${file}`])
  }
  const text = extname(path) === '.pkl' ? await evaluatePkl(file) : await readText(file)
  const reading = read(parse(text))
  if ('faults' in reading) throw new PolicyFaults(reading.faults)
  const sha256 = createHash('sha256').update(text).digest('hex')
  return { document: reading.document, sha256, text: text.toString() }
}

function parse(text: string | Buffer): unknown {
  try {
    return parseStrictJson(text)
  } catch (cause) {
    // It quotes the text.
    throw new PolicyFaults([escapeControls(errorMessage(cause))], { cause })
  }
}

/** Bytes, not text: whether they are valid UTF-8 is for the parser to say. */
async function readText(file: string): Promise<Buffer> {
  // Without waiting: to open a pipe would otherwise last until someone writes to it.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw new Error('not a file')
    if (stat.size > MAX_FILE_BYTES) throw new Error(`larger than ${MAX_FILE_BYTES >> 20} MiB`)
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}
