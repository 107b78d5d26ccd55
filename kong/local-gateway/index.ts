/**
 * A stand-in for Kong 3.9.3 on 127.0.0.1, for demo, tests and benchmarks. It reads a `kong.yml`, speaks
 * Kong's plugin protocols to a plugin server in a process of its own, on the wire that its dump names,
 * goes open wherever Kong goes open, and does nothing that Kong would not do for this plugin.
 *
 *     const gateway = await startLocalGateway({
 *       config: readFileSync('kong.yml', 'utf8'),
 *       pluginServer: { startCommand, queryCommand, socketPath },
 *       nativeFunctions,                      // stand-ins for Lua functions, by their first line
 *       log: (level, line) => {},             // Kong's error log
 *     })
 *     gateway.url                             // http://127.0.0.1:…
 *     const { pid } = gateway.pluginServer    // to kill; another is started after `respawnDelayMs`
 *     await gateway.pluginServer.replaced(pid)
 *     await gateway.stop()                    // ends the plugin server, too
 */
import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname } from 'node:path'
import { BodyFolder } from './body-folder.ts'
import { chainsFor } from './chain.ts'
import { readDeclarativeConfig } from './declarative-config.ts'
import type { NativeFunctions } from './function-plugin.ts'
import type { GatewayLog } from './gateway-log.ts'
import type { NativePlugin } from './gateway-plugin.ts'
import { configFields, entityFields } from './kong-field.ts'
import { PluginServer, type PluginServerOptions } from './plugin-server.ts'
import { queryPlugin } from './query-plugin.ts'
import { RequestHandler } from './request-handler.ts'
import { Router } from './router.ts'
import { Upstream } from './upstream.ts'
import { openWire } from './wire/open-wire.ts'
import type { WireTrace } from './wire/wire.ts'

export type { NativeFunction } from './function-plugin.ts'
export type { GatewayLog, LogLevel } from './gateway-log.ts'
export type { GatewayPlugin, NativePlugin } from './gateway-plugin.ts'
export type { PluginServer } from './plugin-server.ts'

export interface LocalGatewayOptions {
  /** Text of a Kong declarative configuration. */
  readonly config: string
  readonly pluginServer: Omit<PluginServerOptions, 'log'>
  /** 0, the default, takes any free port. */
  readonly port?: number
  readonly log?: GatewayLog
  /** Kong's `lua_socket_read_timeout`, 60 s by default. */
  readonly rpcTimeoutMs?: number
  /** How long a request waits for another one that starts the instance, as Kong does: 10 s. */
  readonly claimTimeoutMs?: number
  /** Kong's `client_body_buffer_size`, 8 KiB by default. */
  readonly bodyBufferBytes?: number
  /** Kong's prefix, where larger bodies are spooled; by default the folder of the socket. */
  readonly prefix?: string
  /** Stand-ins for the Lua functions of pre- and post-function, by their first line. */
  readonly nativeFunctions?: NativeFunctions
  /** Stand-ins for Kong's own plugins, by name. */
  readonly nativePlugins?: Readonly<Record<string, NativePlugin>>
  /** Sees every message or frame between gateway and plugin server. */
  readonly trace?: WireTrace
}

export interface LocalGateway {
  readonly url: string
  readonly pluginServer: PluginServer
  stop(): Promise<void>
}

/**
 * Starts plugin server and gateway; both listen when it resolves. Rejects, and leaves nothing running,
 * when the configuration or the plugin server is unusable.
 */
export async function startLocalGateway(options: LocalGatewayOptions): Promise<LocalGateway> {
  const { port = 0, log = () => {}, rpcTimeoutMs = 60_000, bodyBufferBytes = 8192 } = options
  const { nativeFunctions = {}, nativePlugins = {}, claimTimeoutMs = 10_000 } = options
  const { trace, pluginServer } = options
  const config = readDeclarativeConfig(options.config)
  const info = await queryPlugin(pluginServer.queryCommand, pluginServer.env)
  const { socketPath } = pluginServer
  const wire = openWire(info.protocol, { socketPath, timeoutMs: rpcTimeoutMs, trace })
  const bodyFolder = new BodyFolder(options.prefix ?? dirname(socketPath))
  const host = {
    info,
    fields: entityFields(configFields(info.Schema.fields)),
    wire,
    env: { log, consumers: config.consumers, nodeId: randomUUID(), bodyBufferBytes, bodyFolder },
    claimTimeoutMs,
    instances: [],
  }
  const chains = chainsFor(config, { host, nativeFunctions, nativePlugins })
  const upstream = new Upstream()
  const handler = new RequestHandler({ router: new Router(config.routes), chains, upstream, log })
  const process = new PluginServer({ ...pluginServer, log })
  const server = createServer({ maxHeaderSize: 32_768, keepAliveTimeout: 75_000 })
  server.on('request', (message, response) => {
    handler.handle(message, response).catch((cause: unknown) => {
      log('error', String(cause))
      response.destroy()
    })
  })

  async function stop(): Promise<void> {
    server.closeAllConnections()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
    upstream.close()
    wire.close()
    await process.stop()
  }

  try {
    await process.start()
    return { url: await listen(server, port), pluginServer: process, stop }
  } catch (cause) {
    await stop()
    throw cause
  }
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
