import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/**
 * The PEM text of `keys.ca_file`, checked to hold certificates only. Throws `TypeError` that names
 * the field.
 */
export function readCaFile(path: string): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new TypeError(`keys.ca_file: cannot be read (${(cause as NodeJS.ErrnoException).code})`)
  }
  const certificates = text.match(CERTIFICATE) ?? []
  if (certificates.length === 0) throw new TypeError('keys.ca_file: holds no PEM certificate')
  for (const [index, certificate] of certificates.entries()) {
    // OpenSSL would skip a broken entry, and the operator would learn of it in the next outage.
    if (!isCertificate(certificate)) {
      throw new TypeError(`keys.ca_file: certificate ${index + 1} cannot be read`)
    }
  }
  return certificates.join('\n')
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined
  } catch {
    return false
  }
}
