import { writeFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { parse } from 'yaml'
import { renderPlugins } from '../kong/guard/render.ts'
import { nativeFunctions } from '../kong/local-gateway/guard-functions.ts'
import { startOnLoopback } from '../testkit/start-on-loopback.ts'
import { type DemoIssuer, startIssuer } from './issuer.ts'
import { upstreamInto } from './upstream.ts'

export const AUDIENCE = 'https://inventory.internal'

export interface DemoStack {
  readonly gatewayUrl: string
  /** The configuration the gateway runs. */
  readonly configFile: string
  readonly issuer: DemoIssuer
  /** Headers of every request that reached the upstream. */
  readonly seen: readonly IncomingHttpHeaders[]
  /** Audit lines so far, as they stand in the gateway's log. */
  readonly audit: string[]
  /** Everything else the gateway and the plugin server said. */
  readonly log: string[]
  stop(): Promise<void>
}

/** Starts issuer, upstream, plugin server and gateway on loopback. */
export async function startStack(): Promise<DemoStack> {
  const issuer = await startIssuer(AUDIENCE)
  const seen: IncomingHttpHeaders[] = []
  const audit: string[] = []
  const log: string[] = []
  const gateway = await startOnLoopback({
    entities: (upstream) => declarativeConfig(issuer.url, upstream),
    upstream: upstreamInto(seen),
    nativeFunctions,
    log: (level, line) => {
      const json = level === 'notice' ? line.indexOf('{"ts"') : -1
      if (json >= 0) audit.push(line.slice(json))
      else log.push(`[${level}] ${line}`)
    },
  })
  const configFile = join(gateway.prefix, 'kong.yml')
  writeFileSync(configFile, gateway.config)
  return {
    gatewayUrl: gateway.url,
    configFile,
    issuer,
    seen,
    audit,
    log,
    async stop() {
      await gateway.stop()
      await issuer.stop()
    },
  }
}

function declarativeConfig(issuer: string, upstream: string): object {
  return {
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
