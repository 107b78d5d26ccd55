import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Pool } from 'undici'
import { stringify } from 'yaml'
import { KONG_YAML } from '../kong/kong-yaml.ts'
import { RedisServer } from '../testkit/redis-server.ts'
import { judge, tableOf } from './gateway/judge.ts'
import { settle } from './gateway/load.ts'
import { type Measured, measured } from './gateway/measured.ts'
import { partsOf } from './gateway/parts.ts'
import { type Route, routes } from './gateway/routes.ts'
import { entitiesOf, startStacks, startUpstream } from './gateway/stacks.ts'
import { print, Report } from './shared/report.ts'
import { takeTurns } from './shared/rounds.ts'

const { values } = parseArgs({
  options: {
    /** A gateway that runs elsewhere, with the configuration that `--print-config` gives. */
    gateway: { type: 'string' },
    'print-config': { type: 'boolean', default: false },
    /** Where that configuration sends calls, and this command answers. */
    upstream: { type: 'string', default: 'http://127.0.0.1:18080' },
    /** A Redis for that configuration. */
    redis: { type: 'string', default: '127.0.0.1:6379' },
    only: { type: 'string' },
    part: { type: 'string' },
    rounds: { type: 'string', default: '7' },
    calls: { type: 'string', default: '240' },
    seconds: { type: 'string', default: '2' },
  },
})
const rounds = Number(values.rounds)
const calls = Number(values.calls)
const seconds = Number(values.seconds)
if (!(rounds >= 5 && calls >= 50 && seconds >= 1)) {
  throw new TypeError('expected --rounds 5 or more, --calls 50 or more, --seconds 1 or more')
}

const folder = mkdtempSync(join(tmpdir(), 'oathmesh-bench-'))
const foreign = values.gateway !== undefined || values['print-config']
const redis = foreign ? undefined : await RedisServer.start()
const [host, port] = values.redis.split(':')
const all = routes({
  redis: redis === undefined ? { host, port: Number(port) } : { port: redis.port },
  auditFile: foreign ? '/tmp/oathmesh-bench-audit.log' : join(folder, 'audit.log'),
}).filter(({ name, server }) => isWanted(name) && !(foreign && isOnlyHere(server)))

if (values['print-config']) {
  print(stringify({ _format_version: '3.0', ...entitiesOf(all, values.upstream) }, KONG_YAML))
} else {
  await run()
}
await redis?.stop()
rmSync(folder, { recursive: true })

function isWanted(name: string): boolean {
  return values.only === undefined || values.only.split(',').includes(name)
}

/** A foreign gateway has one plugin server, and it is ours. */
function isOnlyHere(server: Route['server']): boolean {
  return server === 'floor' || server === 'msgpack'
}

async function run(): Promise<void> {
  const report = new Report(
    'gateway',
    `${values.gateway ?? 'the local gateway'}, client and upstream in this process: routes in turn, a token of its own minted beforehand for each request, ${rounds} rounds`,
  )
  const upstream =
    values.gateway === undefined
      ? undefined
      : await startUpstream(Number(new URL(values.upstream).port))
  const stacks = values.gateway === undefined ? await startStacks(all) : undefined
  const pools = new Map<string, Pool>()
  const poolOf = (route: Route) => {
    const url = values.gateway ?? stacks?.urlOf(route) ?? ''
    const pool = pools.get(url) ?? new Pool(url, { connections: 64, pipelining: 1 })
    pools.set(url, pool)
    return pool
  }
  try {
    for (const route of all) await settle(poolOf(route), route)
    const blocks = new Map<string, ReadonlyMap<string, readonly Measured[]>>()
    const parts = partsOf(all, { poolOf, calls, seconds })
    for (const part of parts.filter(({ name }) => name.startsWith(values.part ?? ''))) {
      const subjects = part.of.map((route) => ({
        name: route.name,
        block: () => measured(stacks?.pidOf(route), () => part.block(route)),
      }))
      await part.warmUp?.()
      const measuredBlocks = await takeTurns(subjects, { rounds })
      blocks.set(part.name, measuredBlocks)
      report.table(part.name, tableOf(measuredBlocks))
    }
    for (const threshold of judge(blocks)) report.expect(threshold)
  } finally {
    for (const pool of pools.values()) await pool.close()
    await stacks?.stop()
    await upstream?.stop()
  }
  report.end()
}
