import type { PluginEntity } from './entities.ts'
import type { Exchange } from './exchange.ts'
import { errorAnswer } from './exit-answer.ts'
import type { GatewayPlugin } from './gateway-plugin.ts'
import { instanceConfig } from './instance-config.ts'
import type { FieldList } from './kong-field.ts'
import type { PdkEnvironment } from './pdk.ts'
import { PluginInstance } from './plugin-instance.ts'
import type { PluginInfo } from './query-plugin.ts'
import type { Phase, Wire } from './wire/wire.ts'
import { WireFault } from './wire/wire-fault.ts'

/** What all entities of one plugin share. */
export interface ExternalPluginHost {
  readonly info: PluginInfo
  /** Of the configuration, as Kong reads them. */
  readonly fields: FieldList
  readonly wire: Wire
  readonly env: PdkEnvironment
  /** How long a request waits for another one to start an instance. */
  readonly claimTimeoutMs: number
  /** Their instances: when the plugin server does not know one, it is a new process and knows none. */
  readonly instances: PluginInstance[]
}

/**
 * A plugin entity that lives in the plugin server. What an error, a broken connection or a time-out
 * does to the request is the wire's to say: MessagePack goes open, and so does this.
 */
export class ExternalPlugin implements GatewayPlugin {
  readonly name: string
  readonly priority: number
  readonly #host: ExternalPluginHost
  readonly #instance: PluginInstance

  /** Throws `TypeError` for a plugin with phases that are not played here. */
  constructor(host: ExternalPluginHost, entity: PluginEntity) {
    const { info, fields, wire, instances, claimTimeoutMs } = host
    const other = info.Phases.find((phase) => phase !== 'access' && phase !== 'log')
    if (other !== undefined) throw new TypeError(`phase ${other} is not supported here`)
    this.name = info.Name
    this.priority = info.Priority
    this.#host = host
    const config = instanceConfig(fields, entity)
    this.#instance = new PluginInstance(wire, info.Name, config, claimTimeoutMs)
    instances.push(this.#instance)
  }

  async access(exchange: Exchange): Promise<void> {
    if (this.#host.info.Phases.includes('access')) await this.#handle('access', exchange)
  }

  async log(exchange: Exchange): Promise<void> {
    if (this.#host.info.Phases.includes('log')) await this.#handle('log', exchange)
  }

  async #handle(phase: Phase, exchange: Exchange): Promise<void> {
    const { wire, env, instances } = this.#host
    for (;;) {
      try {
        const instanceId = await this.#instance.id()
        await wire.handleEvent({ instanceId, phase, exchange, env })
        return
      } catch (cause) {
        if (!(cause instanceof WireFault)) throw cause
        const aftermath = wire.aftermath(cause.message)
        if (aftermath !== 'repeat') return this.#end(aftermath, cause.message, phase, exchange)
        env.log('warn', `[kong] [${this.name}] ${cause.message}`)
        for (const instance of instances) instance.forget()
        // Kong goes on for ever, and so does this for as long as somebody waits for the answer.
        if (exchange.message.socket.destroyed) return
      }
    }
  }

  #end(aftermath: 'pass' | 'refuse', fault: string, phase: Phase, exchange: Exchange): void {
    const { log } = this.#host.env
    if (aftermath === 'pass') {
      log('error', `[kong] [${this.name}] ${fault}`)
      return
    }
    log('error', `[kong] [${this.name}] pluginserver error: ${fault}`)
    if (phase === 'log') return
    exchange.exit = errorAnswer(500, 'An unexpected error occurred', exchange.requestId)
  }
}
