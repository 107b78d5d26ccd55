import { readFileSync } from 'node:fs'
import type { TlsFiles } from './flags.ts'

/** Certificates and keys, PEM. */
export interface TlsMaterial {
  readonly certs: { readonly cert: Buffer; readonly key: Buffer }
  /** Whoever connects has to have a certificate of this authority. */
  readonly clientCa: Buffer | undefined
}

/** Reads the files. Throws a `TypeError` that names the flag, and nothing of a file. */
export function readTls({ certFile, keyFile, clientCaFile }: TlsFiles): TlsMaterial {
  return {
    certs: { cert: read('--tls-cert', certFile), key: read('--tls-key', keyFile) },
    clientCa: clientCaFile === undefined ? undefined : read('--tls-client-ca', clientCaFile),
  }
}

function read(flag: string, file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    const { code = 'unknown fault' } = cause as NodeJS.ErrnoException
    throw new TypeError(`${flag} ${file}: cannot be read (${code})`, { cause })
  }
}
