import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { KONG_YAML } from '../kong/kong-yaml.ts'
import {
  type LocalGatewayOptions,
  type PluginServer,
  startLocalGateway,
} from '../kong/local-gateway/index.ts'
import { listen } from './listen.ts'
import { type Commands, type PluginChoice, pluginCommands } from './plugin-commands.ts'
import { echoInto, type Seen } from './seen.ts'

export interface LoopbackOptions extends Omit<LocalGatewayOptions, 'config' | 'pluginServer'> {
  /** A plugin of Kong's JavaScript PDK, or the commands of any plugin server. */
  readonly plugin?: PluginChoice | ((socketPath: string) => Commands)
  /** The entities of the declarative configuration, or the text of a file, given the upstream's address. */
  readonly entities: (upstreamUrl: string) => object | string
  /** By default it notes what it gets and answers with it. */
  readonly upstream?: RequestListener
  /** Added to the environment of the plugin server. */
  readonly env?: Readonly<Record<string, string>>
  readonly respawnDelayMs?: number
  /** How many of the newest log lines are kept; by default all. */
  readonly keptLines?: number
  /** Where another supervisor's plugin server listens; by default in the prefix. */
  readonly socketPath?: string
}

/** An upstream, a plugin server and a gateway that are running. */
export interface Loopback {
  readonly url: string
  readonly upstreamUrl: string
  readonly pluginServer: PluginServer
  /** Kong's prefix: a folder of its own, where the socket is. */
  readonly prefix: string
  /** The text of the declarative configuration. */
  readonly config: string
  /** Everything that reached the upstream, unless it was given. */
  readonly seen: Seen[]
  /** The gateway's log, one line each with its level. */
  readonly log: string[]
  /** Resolves with the first log line, past or future, that matches. */
  logged(pattern: RegExp): Promise<string>
  stop(): Promise<void>
}

/**
 * Starts an upstream, a plugin server process and a local gateway on loopback, each listening where it is
 * free. Leaves nothing running when it rejects, and nothing at all after `stop`.
 */
export async function startOnLoopback(options: LoopbackOptions): Promise<Loopback> {
  const {
    plugin = {},
    entities,
    upstream,
    env,
    respawnDelayMs,
    log: observer,
    keptLines = Number.POSITIVE_INFINITY,
    socketPath: _,
    ...rest
  } = options
  const seen: Seen[] = []
  const server = await listen(createServer(upstream ?? echoInto(seen)))
  const prefix = mkdtempSync(join(tmpdir(), 'oathmesh-loopback-'))
  const socketPath = options.socketPath ?? join(prefix, 'js_pluginserver.sock')
  const log: string[] = []
  const watchers = new Set<() => void>()

  async function release(): Promise<void> {
    await server.stop()
    rmSync(prefix, { recursive: true, force: true })
  }

  try {
    const given = entities(server.url)
    const config = typeof given === 'string' ? given : declarative(given)
    const gateway = await startLocalGateway({
      ...rest,
      config,
      pluginServer: {
        ...(typeof plugin === 'function' ? plugin(socketPath) : pluginCommands(prefix, plugin)),
        socketPath,
        ...(env !== undefined && { env }),
        ...(respawnDelayMs !== undefined && { respawnDelayMs }),
      },
      log: (level, line) => {
        log.push(`${level} ${line}`)
        if (log.length > 2 * keptLines) log.splice(0, log.length - keptLines)
        observer?.(level, line)
        for (const watcher of watchers) watcher()
      },
    })
    return {
      url: gateway.url,
      upstreamUrl: server.url,
      pluginServer: gateway.pluginServer,
      prefix,
      config,
      seen,
      log,
      logged: (pattern) =>
        new Promise((found) => {
          const look = () => {
            const line = log.find((text) => pattern.test(text))
            if (line === undefined) return
            watchers.delete(look)
            found(line)
          }
          watchers.add(look)
          look()
        }),
      async stop() {
        await gateway.stop()
        await release()
      },
    }
  } catch (cause) {
    await release()
    throw cause
  }
}

function declarative(entities: object): string {
  return stringify({ _format_version: '3.0', ...entities }, KONG_YAML)
}
