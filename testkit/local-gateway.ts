import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import {
  type LocalGateway,
  type LocalGatewayOptions,
  startLocalGateway,
} from '../kong/local-gateway/index.ts'
import { STOCK_PLUGIN_SERVER } from './stack.ts'

export interface GatewayOptions extends Omit<LocalGatewayOptions, 'config' | 'pluginServer'> {
  /** The entities of the declarative configuration, given the upstream's address. */
  readonly entities: (upstreamUrl: string) => object
  /** Folder of a plugin for the stock plugin server, or commands for another one. */
  readonly plugin: string | ((socketPath: string) => Commands)
  readonly upstream?: RequestListener
  readonly respawnDelayMs?: number
}

export interface Commands {
  readonly startCommand: readonly string[]
  readonly queryCommand: readonly string[]
}

export interface RunningGateway extends LocalGateway {
  readonly upstreamUrl: string
}

/** Starts an upstream, a plugin server process and a gateway, each on loopback where it is free. */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { entities, plugin, upstream = echo, respawnDelayMs, ...rest } = options
  const server = createServer(upstream)
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening)
  })
  const upstreamUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const prefix = mkdtempSync(join(tmpdir(), 'oathmesh-gateway-test-'))
  const socketPath = join(prefix, 'js_pluginserver.sock')

  async function release(): Promise<void> {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
    rmSync(prefix, { recursive: true, force: true })
  }

  try {
    const gateway = await startLocalGateway({
      ...rest,
      config: stringify({ _format_version: '3.0', ...entities(upstreamUrl) }),
      pluginServer: {
        ...(typeof plugin === 'string' ? stockCommands(plugin, prefix) : plugin(socketPath)),
        socketPath,
        ...(respawnDelayMs !== undefined && { respawnDelayMs }),
      },
    })
    return {
      ...gateway,
      upstreamUrl,
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

function stockCommands(folder: string, prefix: string): Commands {
  const command = [STOCK_PLUGIN_SERVER, '--plugins-directory', folder]
  return {
    startCommand: [...command, '--kong-prefix', prefix],
    queryCommand: [...command, '--dump-all-plugins'],
  }
}

/** A request as the upstream got it. */
export interface Echo {
  readonly method: string
  readonly url: string
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[]
  readonly body: string
}

/** Answers with what it got. */
const echo: RequestListener = (message, response) => {
  const chunks: Buffer[] = []
  message.on('data', (chunk: Buffer) => chunks.push(chunk))
  message.on('end', () => {
    const { method, url, rawHeaders } = message
    const body = Buffer.concat(chunks).toString('latin1')
    response.end(JSON.stringify({ method, url, rawHeaders, body }))
  })
}

/** Every value of a header in an echo, by its name in lower case. */
export function valuesOf({ rawHeaders }: Echo, name: string): string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name)
}
