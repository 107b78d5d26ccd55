import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ChainOptions, chainFor } from './chain.ts'
import { readDeclarativeConfig } from './declarative-config.ts'
import { Exchange } from './exchange.ts'
import { errorAnswer } from './exit-answer.ts'
import type { ExternalPlugin } from './external-plugin.ts'
import type { GatewayLog } from './gateway-log.ts'
import type { GatewayPlugin } from './gateway-plugin.ts'
import { normalizePath } from './normalize-path.ts'
import { PluginServer, type PluginServerOptions, queryPlugin } from './plugin-server.ts'
import { findRoute, upstreamTarget } from './router.ts'
import { RpcClient } from './rpc-client.ts'
import { sendAnswer } from './send-answer.ts'
import { proxy } from './upstream.ts'

export type { GatewayLog, LogLevel } from './gateway-log.ts'

export interface LocalGatewayOptions {
  /** Text of a Kong declarative configuration. */
  readonly config: string
  readonly pluginServer: Omit<PluginServerOptions, 'log'>
  /** 0 takes any free port. */
  readonly port?: number
  readonly log?: GatewayLog
  /** Kong's `lua_socket_read_timeout`. */
  readonly rpcTimeoutMs?: number
  /** Kong's `client_body_buffer_size`. */
  readonly bodyBufferBytes?: number
  /** Stand-ins for Lua functions, by the marker in their first line. */
  readonly nativeFunctions?: ChainOptions['nativeFunctions']
  readonly trace?: (from: 'kong' | 'plugin server', message: unknown) => void
}

export interface LocalGateway {
  readonly url: string
  readonly pluginServer: PluginServer
  stop(): Promise<void>
}

/**
 * Starts a stand-in for Kong on 127.0.0.1 that speaks Kong's plugin protocol to a plugin server in a
 * process of its own. Rejects when the configuration or the plugin server is unusable. It exists for
 * demo, tests and benchmarks and does nothing that Kong would not do for this plugin.
 */
export async function startLocalGateway(options: LocalGatewayOptions): Promise<LocalGateway> {
  const log = options.log ?? (() => {})
  const config = readDeclarativeConfig(options.config)
  const external: ExternalPlugin[] = []
  const serverOptions: PluginServerOptions = { ...options.pluginServer, log }
  const info = await queryPlugin(serverOptions)
  const rpc = new RpcClient({
    socketPath: serverOptions.socketPath,
    timeoutMs: options.rpcTimeoutMs ?? 60_000,
    trace: options.trace,
  })
  const env = {
    log,
    consumers: config.consumers,
    nodeId: randomUUID(),
    bodyBufferBytes: options.bodyBufferBytes ?? 8192,
  }
  const chains = new Map(
    config.routes.map((route) => [
      route,
      chainFor(route, config, {
        info,
        rpc,
        env,
        external,
        nativeFunctions: options.nativeFunctions ?? {},
      }),
    ]),
  )
  const pluginServer = new PluginServer(serverOptions)
  await pluginServer.start().catch(async (cause: unknown) => {
    await pluginServer.stop()
    throw cause
  })

  const server = createServer({ maxHeaderSize: 32_768 }, (message, response) => {
    serve(message, response).catch((cause: unknown) => {
      log('error', String(cause))
      response.destroy()
    })
  })

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = message.url ?? '/'
    const found = findRoute(config.routes, {
      method: message.method ?? 'GET',
      host: (message.headers.host ?? '').replace(/:\d+$/, ''),
      path: normalizePath(target.split('?', 1)[0] ?? '/'),
    })
    if (found === undefined) {
      message.resume()
      response.writeHead(404, { 'content-type': 'application/json; charset=utf-8' })
      response.end('{"message":"no Route matched with those values"}')
      return
    }
    const exchange = new Exchange(message, found.route)
    const chain = chains.get(found.route) ?? []
    await access(chain, exchange)
    if (exchange.exit !== undefined) sendAnswer(exchange, exchange.exit, response)
    else await proxy(exchange, upstreamTarget(found.route, found.prefix, target), response)
    for (const plugin of chain) await plugin.log?.(exchange)
  }

  async function access(chain: readonly GatewayPlugin[], exchange: Exchange): Promise<void> {
    for (const plugin of chain) {
      try {
        await plugin.access(exchange)
      } catch (cause) {
        log('error', `${plugin.name}: ${String(cause)}`)
        exchange.exit = errorAnswer(500, 'An unexpected error occurred', exchange.requestId)
      }
      if (exchange.exit !== undefined) return
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pluginServer,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rpc.close()
      await pluginServer.stop()
    },
  }
}
