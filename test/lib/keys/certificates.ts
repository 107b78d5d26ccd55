import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TlsIdentity } from '../../../testkit/jwks-server.ts'

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

/** A private certificate authority in a temporary folder, made with the openssl command. */
export class Authority {
  readonly #folder = mkdtempSync(join(tmpdir(), 'oathmesh-ca-'))
  readonly caFile = join(this.#folder, 'ca.pem')
  #count = 0

  constructor() {
    this.#openssl(
      'req',
      '-x509',
      ...NEW_KEY,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-subj',
      '/CN=ca',
    )
  }

  /** A server certificate for a name such as `IP:127.0.0.1`; with −1 days it has expired. */
  issue(name: string, days = 1): TlsIdentity {
    const id = `server-${this.#count++}`
    const subject = ['-subj', `/CN=${id}`, '-addext', `subjectAltName=${name}`]
    this.#openssl('req', ...NEW_KEY, '-keyout', `${id}.key`, '-out', `${id}.csr`, ...subject)
    const signing = [
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-copy_extensions',
      'copy',
    ]
    this.#openssl(
      'x509',
      '-req',
      '-in',
      `${id}.csr`,
      ...signing,
      '-days',
      `${days}`,
      '-out',
      `${id}.pem`,
    )
    return { key: this.#read(`${id}.key`), cert: this.#read(`${id}.pem`) }
  }

  /** Writes a file beside the authority's own, and gives its path. */
  write(name: string, content: string): string {
    const path = join(this.#folder, name)
    writeFileSync(path, content)
    return path
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true })
  }

  #read(name: string): string {
    return readFileSync(join(this.#folder, name), 'utf8')
  }

  #openssl(...args: readonly string[]): void {
    execFileSync('openssl', args, { cwd: this.#folder, stdio: 'pipe' })
  }
}
