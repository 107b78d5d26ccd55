import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parse, stringify } from 'yaml'
import { nativeFunctions } from '../kong/guard/native.ts'
import { renderPlugins } from '../kong/guard/render.ts'
import { KONG_YAML } from '../kong/kong-yaml.ts'
import { startLocalGateway } from '../kong/local-gateway/index.ts'
import { type DemoIssuer, startIssuer } from './issuer.ts'
import { type DemoUpstream, startUpstream } from './upstream.ts'

export const AUDIENCE = 'https://inventory.internal'

export interface DemoStack {
  readonly gatewayUrl: string
  /** The configuration the gateway runs. */
  readonly configFile: string
  readonly issuer: DemoIssuer
  readonly upstream: DemoUpstream
  /** Audit lines so far, as they stand in the gateway's log. */
  readonly audit: string[]
  /** Everything else the gateway and the plugin server said. */
  readonly log: string[]
  stop(): Promise<void>
}

/** Starts issuer, upstream, plugin server and gateway on loopback. */
export async function startStack(): Promise<DemoStack> {
  const issuer = await startIssuer(AUDIENCE)
  const upstream = await startUpstream()
  const prefix = mkdtempSync(join(tmpdir(), 'oathmesh-demo-'))
  const pluginServer = resolve('dist/bin/oathmesh-pluginserver.cjs')
  const folder = resolve('dist/kong')
  const config = stringify(declarativeConfig(issuer.url, upstream.url), KONG_YAML)
  const configFile = join(prefix, 'kong.yml')
  writeFileSync(configFile, config)
  const audit: string[] = []
  const log: string[] = []
  const gateway = await startLocalGateway({
    config,
    nativeFunctions,
    pluginServer: {
      startCommand: [pluginServer, '--plugins-directory', folder, '--kong-prefix', prefix],
      queryCommand: [pluginServer, '--plugins-directory', folder, '--dump-all-plugins'],
      socketPath: join(prefix, 'js_pluginserver.sock'),
    },
    log: (level, line) => {
      const json = level === 'notice' ? line.indexOf('{"ts"') : -1
      if (json >= 0) audit.push(line.slice(json))
      else log.push(`[${level}] ${line}`)
    },
  })
  return {
    gatewayUrl: gateway.url,
    configFile,
    issuer,
    upstream,
    audit,
    log,
    async stop() {
      await gateway.stop()
      await upstream.stop()
      await issuer.stop()
      rmSync(prefix, { recursive: true, force: true })
    },
  }
}

function declarativeConfig(issuer: string, upstream: string): object {
  return {
    _format_version: '3.0',
    // The guard: nothing gets through while the plugin server is dead.
    ...(parse(renderPlugins({ kind: 'global' })) as object),
    services: [
      {
        name: 'inventory',
        url: upstream,
        routes: [{ name: 'inventory', paths: ['/inventory'] }],
        plugins: [
          {
            name: 'oathmesh',
            config: {
              audience: AUDIENCE,
              issuers: [{ issuer }],
              // The demo's issuer speaks plain http on loopback.
              keys: { allow_http: true },
              policy: {
                rules: [
                  {
                    name: 'ci-writes',
                    allow: true,
                    match: { sub: 'agent://ci/*', act: 'inventory.*' },
                  },
                ],
              },
            },
          },
        ],
      },
    ],
  }
}
