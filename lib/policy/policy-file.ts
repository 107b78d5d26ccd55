import { errorMessage } from '../error-message.ts'
import type { Log } from '../ports/log.ts'
import type { PolicyStatus } from '../status/snapshot.ts'
import type { Claims } from '../token/claims.ts'
import { compileDocument, type DocumentReader, type PolicyScope } from './document.ts'
import { FileWatch } from './file-watch.ts'
import { assertPolicyPath, loadDocument } from './load-document.ts'
import type { Policy, PolicyDecision } from './policy.ts'

export interface PolicyFileOptions {
  /** Absolute, ending in `.json` or `.pkl`. */
  readonly path: string
  readonly scope: PolicyScope
  readonly read: DocumentReader
  readonly log: Log
}

interface Version {
  readonly sha256: string
  readonly rules: number
  readonly policy: Policy
}

const NOT_LOADED: PolicyDecision = { allow: false, unavailable: true }

/**
 * A policy that follows its file. Each version is checked whole before it replaces the one before,
 * between two decisions; a version with a fault is reported, and the one before goes on deciding.
 * Before the first valid version every decision is `unavailable`.
 */
export class PolicyFile implements Policy {
  readonly #options: PolicyFileOptions
  readonly #watch: FileWatch
  #version: Version | undefined
  #loading: Promise<void> | undefined
  #lastFault: string | undefined
  #failures = 0
  /** Loads follow one another, so that an old version never replaces a newer one. */
  #queue: Promise<void>

  /** Starts to load and to watch. Throws `TypeError` for a path of another form. */
  constructor(options: PolicyFileOptions) {
    assertPolicyPath(options.path)
    this.#options = options
    this.#queue = this.#load()
    this.#loading = this.#queue.finally(() => {
      this.#loading = undefined
    })
    this.#watch = new FileWatch({
      path: options.path,
      changed: () => {
        this.#queue = this.#queue.then(() => this.#load())
      },
      failed: (cause) => this.#reportWatch(cause),
    })
  }

  get loading(): Promise<void> | undefined {
    return this.#loading
  }

  get status(): PolicyStatus {
    const version = this.#version
    return {
      policy: this.#options.path,
      state: this.#state,
      ...(version !== undefined && { sha256: version.sha256, rules: version.rules }),
      ...(this.#lastFault !== undefined && { cause: this.#lastFault }),
      reload_failures: this.#failures,
    }
  }

  get #state(): PolicyStatus['state'] {
    if (this.#version === undefined) return this.#lastFault === undefined ? 'loading' : 'missing'
    return this.#lastFault === undefined ? 'loaded' : 'outdated'
  }

  decide(claims: Claims): PolicyDecision {
    return this.#version?.policy.decide(claims) ?? NOT_LOADED
  }

  /** Stops watching. The last version goes on deciding. */
  async close(): Promise<void> {
    await this.#watch.close()
    await this.#queue
  }

  async #load(): Promise<void> {
    const { path, scope, read, log } = this.#options
    try {
      const { document, sha256 } = await loadDocument(path, read)
      if (sha256 === this.#version?.sha256 && this.#lastFault === undefined) return
      const policy = compileDocument(document, scope)
      this.#version = { sha256, rules: document.rules.length, policy }
      this.#lastFault = undefined
      log.info('policy loaded', { path, sha256, rules: document.rules.length })
    } catch (cause) {
      this.#report(errorMessage(cause))
    }
  }

  /** Says once what keeps the file from deciding, until it is another fault or none. */
  #report(fault: string): void {
    if (fault === this.#lastFault) return
    this.#lastFault = fault
    this.#failures += 1
    const { path, log } = this.#options
    const consequence =
      this.#version === undefined
        ? 'policy not loaded: every call is refused with 503 until the file is valid'
        : 'policy not loaded: the version before goes on deciding'
    log.error(consequence, { path, cause: fault, sha256: this.#version?.sha256 })
  }

  #reportWatch(cause: unknown): void {
    const { path, log } = this.#options
    log.warn('policy file is not watched: a change may take some seconds to be seen', {
      path,
      cause: errorMessage(cause),
    })
  }
}
