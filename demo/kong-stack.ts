import { writeFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { parse } from 'yaml'
import { renderPlugins } from '../kong/guard/render.ts'
import { nativeFunctions } from '../kong/local-gateway/guard-functions.ts'
import { until } from '../testkit/redis-server.ts'
import { startOnLoopback } from '../testkit/start-on-loopback.ts'
import { AUDIENCE, inventoryConfig, inventoryEntities } from './inventory-config.ts'
import { startIssuer } from './issuer.ts'
import type { DemoStack } from './stack.ts'
import { upstreamInto } from './upstream.ts'

const AUDIT_MS = 10_000

/** Starts issuer, upstream, plugin server and the stand-in for Kong on loopback. */
export async function startKongDemo(): Promise<DemoStack> {
  const issuer = await startIssuer(AUDIENCE)
  const seen: IncomingHttpHeaders[] = []
  const audit: string[] = []
  const log: string[] = []
  const gateway = await startOnLoopback({
    entities: (upstream) => ({
      // The guard: nothing gets through while the plugin server is dead.
      ...(parse(renderPlugins({ kind: 'global' })) as object),
      ...inventoryEntities(upstream, inventoryConfig(issuer.url)),
    }),
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
    gateway: 'the stand-in for Kong',
    gatewayUrl: gateway.url,
    configFile,
    issuer,
    seen,
    audit,
    log,
    async audited(lines) {
      await until(() => audit.length >= lines, AUDIT_MS)
    },
    async stop() {
      await gateway.stop()
      await issuer.stop()
    },
  }
}
