import {
  type GatewaySnapshot,
  monotonic,
  offeredMeter,
  offerSnapshot,
  openGateway,
  openTelemetry,
  proxyFrom,
  Resources,
  stderrLog,
  systemClock,
} from '../../lib/index.ts'
import manifest from '../../package.json' with { type: 'json' }
import { configurationError, parseConfig } from '../../schema/parse-config.ts'
import { readPolicy } from '../../schema/read-policy.ts'
import { toGatewaySettings } from '../../schema/to-settings.ts'
import { CONSUMER_HEADERS } from './consumer-headers.ts'
import { GuardSight } from './guard-sight.ts'
import { Handler } from './handler.ts'
import { OperatorLog } from './operator-log.ts'

/**
 * All that outlives an instance: Kong drops instances that idle for a minute and starts them anew, and
 * each worker has its own. Nothing here is opened before a configuration asks for it.
 */
class Runtime {
  readonly #guard = new GuardSight(monotonic)
  readonly #log = new OperatorLog(stderrLog)
  readonly #resources = new Resources({
    log: this.#log,
    readPolicy,
    // Read while the plugin is loaded, before it can have seen any token.
    startedAt: systemClock.now() / 1000 - process.uptime(),
    proxyFor: proxyFrom(process.env),
    meter: offeredMeter(),
    tracing: openTelemetry(manifest.version),
  })
  #hearsSignals = false

  /** Wires one plugin entity. Throws `TypeError` that names every faulty field. */
  handler(raw: unknown): Handler {
    const config = parseConfig(raw)
    const settings = toGatewaySettings(config, entityOf(raw), CONSUMER_HEADERS)
    const gateway = openAs(() => openGateway(settings, this.#resources))
    this.#hearSignals()
    offerSnapshot(() => this.#snapshot())
    return new Handler({ config, gateway, log: this.#log, guard: this.#guard })
  }

  #snapshot(): GatewaySnapshot {
    const { seen } = this.#guard
    return { ...this.#resources.snapshot(), ...(seen !== undefined && { guard: seen }) }
  }

  #hearSignals(): void {
    if (this.#hearsSignals) return
    this.#hearsSignals = true
    // The operator's emergency brake.
    process.on('SIGHUP', () => {
      this.#log.warn('SIGHUP: all keys are dropped and fetched anew')
      this.#resources.purgeKeys()
      this.#resources.trails.reopen()
    })
    const { trails } = this.#resources
    // Kong's SIGKILL follows its SIGTERM within milliseconds, too soon for a stop.
    process.once('SIGTERM', () => {
      trails.checkpoint()
      // With this listener gone and no other, the signal would have ended the process.
      if (process.listenerCount('SIGTERM') === 0) process.kill(process.pid, 'SIGTERM')
    })
    process.once('exit', () => trails.close())
  }
}

/** The one runtime of this process. */
export const runtime = new Runtime()

/** Says of a fault in a field that it is the configuration's. */
function openAs<T>(open: () => T): T {
  try {
    return open()
  } catch (cause) {
    const isOperators = cause instanceof TypeError || cause instanceof RangeError
    throw isOperators ? configurationError([cause.message]) : cause
  }
}

/** Kong's id of the plugin entity, which it adds to the configuration. */
function entityOf(raw: unknown): string {
  const id = (raw as { __plugin_id?: unknown } | null)?.__plugin_id
  return typeof id === 'string' ? id : ''
}
