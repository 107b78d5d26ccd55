import { isDeepStrictEqual } from 'node:util'
import { type Issuer, type IssuerServer, renewIssuer } from '../../issuer/index.ts'
import { errorMessage } from '../../lib/error-message.ts'
import { stderrLog } from '../../lib/index.ts'
import type { IssuerConfig } from '../../schema/issuer-config.ts'
import type { CliIo } from '../terminal/io.ts'
import { type OpenedIssuerConfig, openIssuerConfig } from './open-issuer-config.ts'
import { tlsOf } from './to-issuer-settings.ts'

interface ReloadOptions {
  readonly file: string
  readonly io: CliIo
  /** What the issuer runs with. */
  readonly opened: OpenedIssuerConfig
  readonly issuer: Issuer
  readonly server: IssuerServer
  /** Makes an issuer of a configuration, with the same keys and audit. Throws `InputError`. */
  readonly make: (opened: OpenedIssuerConfig) => Issuer
}

/** What an open socket, a file or a connection hangs on: it takes a restart to change it. */
const FIXED = ['issuer', 'keys', 'audit', 'metrics'] as const

/**
 * What SIGHUP does: the configuration and the TLS files are read anew and checked whole, each for itself. With a
 * fault in one, the one before goes on, and the log says why.
 */
export class Reload {
  readonly #options: ReloadOptions
  #opened: OpenedIssuerConfig
  /** One after the other, so that an old version never replaces a newer one. */
  #queue: Promise<void> = Promise.resolve()

  constructor(options: ReloadOptions) {
    this.#options = options
    this.#opened = options.opened
  }

  /** Never rejects. */
  run(): Promise<void> {
    this.#queue = this.#queue.then(async () => {
      await this.#configuration()
      this.#tls()
    })
    return this.#queue
  }

  async #configuration(): Promise<void> {
    const { file, io, issuer, make, opened } = this.#options
    if (file === '-') return
    try {
      const anew = await openIssuerConfig(file, io)
      renewIssuer(issuer, make(anew))
      this.#opened = anew
      const waiting = needRestart(opened.config, anew.config)
      const { clients, oidc, rules } = anew.config
      stderrLog.info('SIGHUP: configuration read', {
        clients: clients.length,
        providers: oidc.length,
        rules: rules.length,
        ...(waiting.length > 0 && { need_restart: waiting.join(', ') }),
      })
    } catch (cause) {
      stderrLog.error('SIGHUP: configuration not read: the one before goes on', {
        cause: errorMessage(cause),
      })
    }
  }

  #tls(): void {
    try {
      const tls = tlsOf(this.#opened)
      if (tls === undefined) return
      this.#options.server.renew(tls)
      stderrLog.info('SIGHUP: TLS files read')
    } catch (cause) {
      stderrLog.error('SIGHUP: TLS files not read: the ones before go on', {
        cause: errorMessage(cause),
      })
    }
  }
}

/** Changed fields that have no effect before a restart. */
function needRestart(before: IssuerConfig, now: IssuerConfig): readonly string[] {
  const { tls: _, ...listenBefore } = before.listen
  const { tls: __, ...listenNow } = now.listen
  return [
    ...FIXED.filter((name) => !isDeepStrictEqual(before[name], now[name])),
    ...(isDeepStrictEqual(listenBefore, listenNow) ? [] : ['listen']),
    ...(isDeepStrictEqual(before.revocation.redis, now.revocation.redis)
      ? []
      : ['revocation.redis']),
  ]
}
