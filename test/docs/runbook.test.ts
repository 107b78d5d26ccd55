import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { rotateKey } from '../../issuer/keys/rotate-key.ts'
import { freshToken } from '../../testkit/fresh-token.ts'
import { HARDENED_PLUGIN_SERVER, PLUGIN_FOLDER } from '../../testkit/plugin-commands.ts'
import { RedisServer, until } from '../../testkit/redis-server.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'
import { auditLine, kongLine, PLUGIN } from '../cli/audit/lines.ts'
import { CommandFolder } from '../cli/command-folder.ts'
import { TestIssuer } from '../issuer/fixture.ts'
import { fencedBlocks } from './fenced-blocks.ts'
import { paste } from './paste.ts'

const PAGE = 'docs/runbook.md'
const blocks = fencedBlocks(PAGE, 'sh')
/** What the page looks for in Kong's log. */
const sought = blocks.flatMap(({ text }) =>
  [...text.matchAll(/^grep '([^']+)'/gm)].map(([, pattern = '']) => pattern.replaceAll('\\', '')),
)

const folder = new CommandFolder()
let issuer: TestIssuer
let redis: RedisServer
/** The plugin server of the node, where Kong's prefix is this folder. */
let server: ChildProcess

beforeAll(async () => {
  issuer = await TestIssuer.start()
  redis = await RedisServer.start()
  await redis.cli('hset', 'oathmesh:revocations', 'svc://shop/basket', '2026-11-24T00:00:00Z')
  mkdirSync(join(folder.path, 'keys'), { mode: 0o700 })
  await rotateKey({
    directory: join(folder.path, 'keys'),
    jwksTtlSeconds: 60,
    now: Date.now() / 1000,
  })
  folder.write('token.txt', freshToken())
  folder.write('item.json', '{"sku":"A-1","qty":2}')
  const rules = [{ name: 'ci', allow: true, match: { sub: 'agent://ci/*' } }]
  const policy = {
    version: 1,
    issuers: ['https://issuer.example.test'],
    audiences: [BASE_CONFIG.audience],
  }
  folder.write(
    'policy.json',
    JSON.stringify({ ...policy, rules: [...rules, { name: 'default', allow: false }] }),
  )
  const plugins = [{ name: 'oathmesh', config: { ...BASE_CONFIG, policy: { rules } } }]
  const routes = [{ name: 'items', paths: ['/v1/items'], plugins }]
  const services = [{ name: 'inventory', url: 'http://inventory.internal', routes }]
  folder.write('kong.yml', stringify({ _format_version: '3.0', services }))
  server = spawn(process.execPath, [
    HARDENED_PLUGIN_SERVER,
    ...['--plugins-directory', PLUGIN_FOLDER, '--kong-prefix', folder.path],
    ...['--sock-name', 'oathmesh.sock'],
  ])
  await until(() => existsSync(join(folder.path, 'oathmesh.sock')), 30_000)
  folder.write('error.log', [...auditLines(), ...operatorLines()].join('\n'))
})
afterAll(async () => {
  server.kill()
  await once(server, 'exit')
  folder.remove()
  await issuer.stop()
  await redis.stop()
})

function auditLines(): readonly string[] {
  const ts = new Date(Date.now() - 60_000).toISOString()
  return [
    auditLine({ ts, src_ip: '10.0.4.99', jti: '550e8400-e29b-41d4-a716-446655440000' }),
    auditLine({ ts, step: 14, reason: 'policy:default', act: 'inventory.write' }),
    auditLine({ ts, event: 'allow', step: 14, reason: undefined, enforced: undefined }),
  ].map((line) => kongLine(PLUGIN + line))
}

function operatorLines(): readonly string[] {
  return sought.map((text) => kongLine(`[kong] pb_rpc.lua:1 ${text}: and so on`))
}

function run(text: string) {
  const env = {
    ISSUER: issuer.origin,
    KONG_PREFIX: folder.path,
    REDIS: `redis://${redis.host}:${redis.port}/0`,
  }
  return paste(text, { cwd: folder.path, env })
}

describe(PAGE, () => {
  test.each(blocks)('line $line: $text', async ({ text }) => {
    const { output, exitCode } = await run(text)
    expect([exitCode, output]).toEqual([0, expect.stringMatching(/\S/)])
  })

  test.each(sought)('looks for a line that there is: %s', (text) => {
    const found = execFileSync('git', ['grep', '-l', '-F', text, '--', 'lib', 'plugins'])
    expect(String(found)).toMatch(/\.ts/)
  })
})
