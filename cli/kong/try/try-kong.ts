import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { KONG_YAML } from '../../../kong/kong-yaml.ts'
import { nativeFunctions } from '../../../kong/local-gateway/guard-functions.ts'
import { type GatewayLog, startLocalGateway } from '../../../kong/local-gateway/index.ts'

export interface TryOptions {
  /** Text of a declarative configuration. */
  readonly config: string
  /** 0 takes any free one. */
  readonly port: number
  /** Whether a server of this process stands in for every service. */
  readonly echo: boolean
  /** Files of the plugin server and the folder of the plugin. */
  readonly programs: { readonly server: string; readonly plugins: string }
  readonly log: GatewayLog
}

export interface RunningTry {
  readonly url: string
  stop(): Promise<void>
}

/** Starts a gateway on loopback with the plugin server of the package. Rejects for what Kong would refuse. */
export async function tryKong(options: TryOptions): Promise<RunningTry> {
  const prefix = mkdtempSync(join(tmpdir(), 'oathmesh-try-'))
  const upstream = options.echo ? await startEcho() : undefined
  const release = async () => {
    upstream?.closeAllConnections()
    upstream?.close()
    rmSync(prefix, { recursive: true, force: true })
  }
  const { server, plugins } = options.programs
  const command = [process.execPath, server, '--plugins-directory', plugins]
  try {
    const gateway = await startLocalGateway({
      config: upstream === undefined ? options.config : redirected(options.config, upstream),
      port: options.port,
      nativeFunctions,
      pluginServer: {
        startCommand: [...command, '--kong-prefix', prefix],
        queryCommand: [...command, '--dump-all-plugins'],
        socketPath: join(prefix, 'js_pluginserver.sock'),
      },
      log: options.log,
    })
    return {
      url: gateway.url,
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

async function startEcho(): Promise<Server> {
  const server = createServer(echo)
  await new Promise<void>((listening, failed) => {
    server.once('error', failed).listen(0, '127.0.0.1', listening)
  })
  return server
}

/** Answers with the request as it came: what the service would have seen. */
const echo: RequestListener = (message, response) => {
  message.resume().once('end', () => {
    const { method, url, headers } = message
    response.setHeader('content-type', 'application/json')
    response.end(`${JSON.stringify({ method, url, headers }, null, 2)}\n`)
  })
}

/** The configuration with every service at the address of `upstream`. */
function redirected(config: string, upstream: Server): string {
  const { port } = upstream.address() as AddressInfo
  const root = Object(parse(config, KONG_YAML)) as { services?: unknown }
  const services = Array.isArray(root.services) ? root.services : []
  for (const service of services) {
    for (const member of ['protocol', 'host', 'port', 'path', 'url']) delete Object(service)[member]
    Object.assign(Object(service), { url: `http://127.0.0.1:${port}` })
  }
  return stringify(root, KONG_YAML)
}
