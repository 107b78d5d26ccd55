import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { errorMessage } from '../../lib/error-message.ts'
import { type IssuerKey, readIssuerKey } from './issuer-key.ts'

/** A key file is about 120 bytes. */
const MAX_FILE_BYTES = 16 * 1024
const OTHERS_MAY = 0o007

/**
 * All keys of a directory: its files in `.pem`, names that begin with a dot left out. Links are
 * followed, as Kubernetes lays out its volumes. Throws `TypeError` that begins with the file for one
 * that is no key, that everybody may read, or that holds a key twice; two files without a time of
 * activation would leave open which of them signs.
 */
export async function readKeyDirectory(directory: string): Promise<readonly IssuerKey[]> {
  const names = await readdir(directory)
  const files = names.filter((name) => name.endsWith('.pem') && !name.startsWith('.')).toSorted()
  const keys = await Promise.all(files.map((file) => readKey(directory, file)))
  const seen = new Map<string, string>()
  for (const { kid, activeAt, file } of keys) {
    for (const mark of activeAt === 0 ? [kid, 'always'] : [kid]) {
      const other = seen.get(mark)
      if (other !== undefined) {
        const fault = mark === kid ? 'holds the key of' : 'has no time of activation, nor has'
        throw new TypeError(`${file}: ${fault} ${other}`)
      }
      seen.set(mark, file)
    }
  }
  return keys
}

async function readKey(directory: string, file: string): Promise<IssuerKey> {
  try {
    const handle = await open(join(directory, file))
    try {
      const { mode, size } = await handle.stat()
      if ((mode & OTHERS_MAY) !== 0) throw new TypeError('everybody may read it; chmod 0600')
      if (size > MAX_FILE_BYTES) throw new TypeError(`is larger than ${MAX_FILE_BYTES} bytes`)
      return readIssuerKey(file, await handle.readFile())
    } finally {
      await handle.close()
    }
  } catch (cause) {
    throw new TypeError(`${file}: ${errorMessage(cause)}`, { cause })
  }
}
