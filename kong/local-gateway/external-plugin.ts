import type { PluginEntity } from './entities.ts'
import type { Exchange } from './exchange.ts'
import type { GatewayPlugin } from './gateway-plugin.ts'
import { instanceConfig } from './instance-config.ts'
import type { FieldList } from './kong-field.ts'
import type { PdkEnvironment } from './pdk.ts'
import { PluginInstance } from './plugin-instance.ts'
import type { PluginInfo } from './query-plugin.ts'
import type { RpcClient } from './rpc-client.ts'
import { RpcError } from './rpc-error.ts'
import { type Phase, runPhase } from './run-phase.ts'

/** What all entities of one plugin share. */
export interface ExternalPluginHost {
  readonly info: PluginInfo
  /** Of the configuration, as Kong reads them. */
  readonly fields: FieldList
  readonly rpc: RpcClient
  readonly env: PdkEnvironment
  /** Their instances: when the plugin server does not know one, it is a new process and knows none. */
  readonly instances: PluginInstance[]
}

/**
 * A plugin entity that lives in the plugin server, with all that goes open: an error answer, a broken
 * connection or a time-out is only logged, and the request goes on.
 */
export class ExternalPlugin implements GatewayPlugin {
  readonly name: string
  readonly priority: number
  readonly #host: ExternalPluginHost
  readonly #instance: PluginInstance

  /** Throws `TypeError` for a plugin with phases that are not played here. */
  constructor(host: ExternalPluginHost, entity: PluginEntity) {
    const { info, fields, rpc, instances } = host
    const other = info.Phases.find((phase) => phase !== 'access' && phase !== 'log')
    if (other !== undefined) throw new TypeError(`phase ${other} is not supported here`)
    this.name = info.Name
    this.priority = info.Priority
    this.#host = host
    this.#instance = new PluginInstance(rpc, info.Name, instanceConfig(fields, entity))
    instances.push(this.#instance)
  }

  async access(exchange: Exchange): Promise<void> {
    if (this.#host.info.Phases.includes('access')) await this.#handle('access', exchange)
  }

  async log(exchange: Exchange): Promise<void> {
    if (this.#host.info.Phases.includes('log')) await this.#handle('log', exchange)
  }

  async #handle(phase: Phase, exchange: Exchange): Promise<void> {
    const { rpc, env, instances } = this.#host
    for (;;) {
      try {
        await runPhase(rpc, await this.#instance.id(), phase, exchange, env)
        return
      } catch (cause) {
        if (!(cause instanceof RpcError)) throw cause
        if (!cause.message.toLowerCase().includes('no plugin instance')) {
          env.log('error', `[kong] [${this.name}] ${cause.message}`)
          return
        }
        env.log('warn', `[kong] [${this.name}] ${cause.message}`)
        for (const instance of instances) instance.forget()
      }
    }
  }
}
