import { writeFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { KONG_YAML } from '../kong/kong-yaml.ts'
import { startEnvoyStack } from '../testkit/envoy-stack.ts'
import { until } from '../testkit/redis-server.ts'
import { AUDIENCE, inventoryConfig, inventoryEntities } from './inventory-config.ts'
import { startIssuer } from './issuer.ts'
import type { DemoStack } from './stack.ts'
import { upstreamInto } from './upstream.ts'

const AUDIT_MS = 10_000

/** Starts issuer, upstream, oathmesh-envoy and a real Envoy with the configuration that ships, on loopback. */
export async function startEnvoyDemo(): Promise<DemoStack> {
  const issuer = await startIssuer(AUDIENCE)
  const seen: IncomingHttpHeaders[] = []
  const config = inventoryConfig(issuer.url)
  const stack = await startEnvoyStack({
    policies: { default: config },
    upstream: upstreamInto(seen),
  }).catch(async (cause: unknown) => {
    await issuer.stop()
    throw cause
  })
  const configFile = join(stack.service.folder, 'kong.yml')
  const entities = inventoryEntities(stack.upstreamUrl, config)
  writeFileSync(configFile, stringify({ _format_version: '3.0', ...entities }, KONG_YAML))
  const audit = () => linesOf(stack.service.output)
  return {
    gateway: 'Envoy',
    gatewayUrl: stack.url,
    configFile,
    issuer,
    seen,
    get audit() {
      return audit()
    },
    get log() {
      return [...linesOf(stack.service.errors), ...linesOf(stack.envoy.output())]
    },
    async audited(lines) {
      await until(() => audit().length >= lines, AUDIT_MS)
    },
    async stop() {
      await stack.stop()
      await issuer.stop()
    },
  }
}

/** Whole lines only: the last one may still be on its way. */
function linesOf(text: string): readonly string[] {
  return text.split('\n').slice(0, -1)
}
