import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { KONG_YAML } from '../kong/kong-yaml.ts'
import {
  type LocalGateway,
  type LocalGatewayOptions,
  startLocalGateway,
} from '../kong/local-gateway/index.ts'

const ROOT = resolve(__dirname, '..')
/** The plugin server of kong-pdk as it is published. */
export const STOCK_PLUGIN_SERVER = join(ROOT, 'node_modules/.bin/kong-js-pluginserver')
/** Ours; `npm test` builds it first. */
export const HARDENED_PLUGIN_SERVER = join(ROOT, 'dist/bin/oathmesh-pluginserver.cjs')
/** The folder with the plugin as it ships; `npm test` builds it first. */
export const PLUGIN_FOLDER = join(ROOT, 'dist/kong')

export interface StackOptions extends Omit<LocalGatewayOptions, 'config' | 'pluginServer' | 'log'> {
  /**
   * A path, or a host name, to the configuration of the plugin on the route for it; `null` is a route
   * without the plugin.
   */
  readonly routes: Readonly<Record<string, object | null>>
  /** Entities beside the service. */
  readonly entities?: object
  readonly pluginServer?: string
  readonly pluginFolder?: string
  readonly env?: Readonly<Record<string, string>>
  readonly respawnDelayMs?: number
  readonly stripPath?: boolean
}

/** A request as the upstream saw it. */
export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Stack {
  readonly url: string
  readonly gateway: LocalGateway
  /** Everything that reached the upstream. */
  readonly seen: Seen[]
  /** The gateway's log, one line each with its level. */
  readonly log: string[]
  /** Resolves with the first log line, past or future, that matches. */
  logged(pattern: RegExp): Promise<string>
  stop(): Promise<void>
}

/** Starts upstream, plugin server and gateway on loopback, each listening where it is free. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const {
    routes,
    entities,
    pluginServer = HARDENED_PLUGIN_SERVER,
    env,
    respawnDelayMs,
    stripPath,
    ...rest
  } = options
  const folder = options.pluginFolder ?? PLUGIN_FOLDER
  const seen: Seen[] = []
  const upstream = await startUpstream(seen)
  const prefix = mkdtempSync(join(tmpdir(), 'oathmesh-stack-'))
  const log: string[] = []
  const watchers = new Set<() => void>()
  const gateway = await startLocalGateway({
    ...rest,
    config: stringify(
      {
        _format_version: '3.0',
        services: [
          {
            name: 'up',
            url: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
            routes: Object.entries(routes).map(([place, config]) => ({
              name: place.replaceAll('/', '') || 'root',
              strip_path: stripPath ?? false,
              ...(place.startsWith('/') ? { paths: [place] } : { hosts: [place], paths: ['/'] }),
              plugins: config === null ? [] : [{ name: 'oathmesh', config }],
            })),
          },
        ],
        ...entities,
      },
      KONG_YAML,
    ),
    pluginServer: {
      startCommand: [pluginServer, '--plugins-directory', folder, '--kong-prefix', prefix],
      queryCommand: [pluginServer, '--plugins-directory', folder, '--dump-all-plugins'],
      socketPath: join(prefix, 'js_pluginserver.sock'),
      ...(env !== undefined && { env }),
      ...(respawnDelayMs !== undefined && { respawnDelayMs }),
    },
    log: (level, line) => {
      log.push(`${level} ${line}`)
      for (const watcher of watchers) watcher()
    },
  }).catch((cause: unknown) => {
    upstream.close()
    throw cause
  })
  return {
    url: gateway.url,
    gateway,
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
      upstream.closeAllConnections()
      await new Promise((closed) => upstream.close(closed))
      rmSync(prefix, { recursive: true, force: true })
    },
  }
}

/** An upstream that notes what it gets and answers with it. */
async function startUpstream(seen: Seen[]): Promise<Server> {
  const server = createServer((message, response) => {
    const chunks: Buffer[] = []
    message.on('data', (chunk: Buffer) => chunks.push(chunk))
    message.on('end', () => {
      const { method = '', url = '', headers } = message
      const request = { method, url, headers, body: Buffer.concat(chunks).toString('latin1') }
      seen.push(request)
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(request))
    })
  })
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening)
  })
  return server
}
