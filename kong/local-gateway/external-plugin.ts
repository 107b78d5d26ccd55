import type { PluginEntity } from './declarative-config.ts'
import type { Exchange } from './exchange.ts'
import { errorAnswer } from './exit-answer.ts'
import type { GatewayPlugin } from './gateway-plugin.ts'
import { withDefaults } from './kong-schema.ts'
import { PdkCrash, type PdkEnvironment } from './pdk.ts'
import type { PluginInfo } from './plugin-server.ts'
import type { RpcClient } from './rpc-client.ts'
import { RpcError } from './rpc-connection.ts'
import { runPhase } from './run-phase.ts'

let sequence = 0

/** Starting the instance failed: Kong answers such requests itself. */
class StartFailed extends Error {}

/**
 * A plugin entity that lives in the plugin server, with all that goes open: an error answer, a broken
 * connection or a time-out is logged, and the request goes on.
 */
export class ExternalPlugin implements GatewayPlugin {
  readonly name: string
  readonly priority: number
  readonly #phases: readonly string[]
  readonly #rpc: RpcClient
  readonly #env: PdkEnvironment
  readonly #config: string
  readonly #all: readonly ExternalPlugin[]
  #instance: Promise<number> | undefined

  /** `all` are the entities of this plugin server, this one included once it is made. */
  constructor(
    info: PluginInfo,
    entity: PluginEntity,
    rpc: RpcClient,
    env: PdkEnvironment,
    all: readonly ExternalPlugin[],
  ) {
    this.#all = all
    this.name = info.Name
    this.priority = info.Priority
    this.#phases = info.Phases
    this.#rpc = rpc
    this.#env = env
    sequence += 1
    const workspace = '0dc6f45b-8f8d-40d2-a504-473544ee190b'
    this.#config = JSON.stringify({
      ...withDefaults(info.Schema.fields[0].config.fields, entity.config),
      __seq__: sequence,
      __key__: `plugins:${info.Name}:${entity.routeId ?? ''}:${entity.serviceId ?? ''}:::${workspace}`,
      __plugin_id: entity.id,
      __ws_id: workspace,
      ...(entity.routeId !== undefined && { route_id: entity.routeId }),
      ...(entity.serviceId !== undefined && { service_id: entity.serviceId }),
    })
  }

  /** The plugin server does not know the instance, so it is a new process and knows none. */
  forget(): void {
    this.#instance = undefined
  }

  async access(exchange: Exchange): Promise<void> {
    if (this.#phases.includes('access')) await this.#run('access', exchange)
  }

  async log(exchange: Exchange): Promise<void> {
    if (this.#phases.includes('log')) await this.#run('log', exchange)
  }

  async #run(phase: string, exchange: Exchange): Promise<void> {
    try {
      const instance = await this.#started()
      await runPhase(this.#rpc, instance, phase, exchange, this.#env)
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause)
      if (cause instanceof RpcError && message.toLowerCase().includes('no plugin instance')) {
        this.#env.log('warn', message)
        for (const plugin of this.#all) plugin.forget()
        return this.#run(phase, exchange)
      }
      this.#env.log('error', message)
      if (cause instanceof StartFailed || cause instanceof PdkCrash) {
        exchange.exit = errorAnswer(500, 'An unexpected error occurred', exchange.requestId)
      }
    }
  }

  #started(): Promise<number> {
    this.#instance ??= this.#start().catch((cause: unknown) => {
      this.#instance = undefined
      throw cause
    })
    return this.#instance
  }

  async #start(): Promise<number> {
    try {
      const answer = await this.#rpc.call('plugin.StartInstance', {
        Config: this.#config,
        Name: this.name,
      })
      return (answer as { Id: number }).Id
    } catch (cause) {
      throw new StartFailed(cause instanceof Error ? cause.message : String(cause))
    }
  }
}
