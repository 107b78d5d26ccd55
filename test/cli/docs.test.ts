import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { oathmeshProgram } from '../../cli/program.ts'
import { RedisServer } from '../../testkit/redis-server.ts'
import { paste } from '../docs/paste.ts'
import { ALLOW_BILLING, API, MemoryRevocations, SECRET, TestIssuer } from '../issuer/fixture.ts'
import { type FakePeer, json, startPeer } from '../sdk/node/fixture.ts'
import { CommandFolder } from './command-folder.ts'
import { fakeIo } from './fake-io.ts'

const page = readFileSync(resolve('docs/cli.md'), 'utf8')
/** Commands, and after some of them part of what they print. */
const blocks = [...page.matchAll(/^```sh\n(.*?)^```\n(?:\n```text\n(.*?)^```)?/gms)]

let folder: CommandFolder
let issuer: TestIssuer
let gateway: FakePeer
let redis: RedisServer
beforeAll(async () => {
  folder = new CommandFolder()
  const rules = [{ callers: ['client:billing'], subjects: ['svc://acme/*'] }]
  issuer = await TestIssuer.start(
    { revocation: { rules, readers: [] }, rules: [ALLOW_BILLING] },
    { revocations: new MemoryRevocations() },
  )
  gateway = await startPeer((_, response) => json(response, 200, {}))
  redis = await RedisServer.start()
  folder.write('credential.txt', `billing~${SECRET}`)
})
afterAll(async () => {
  folder.remove()
  await issuer.stop()
  await gateway.stop()
  await redis.stop()
})

/** Runs a block; every command of it must do what it says. */
function run(block: string) {
  const env = {
    ISSUER: issuer.origin,
    GATEWAY: gateway.origin,
    REDIS: `redis://${redis.host}:${redis.port}/0`,
  }
  return paste(block, { cwd: folder.path, env })
}

// `npm test` builds the program first. The blocks follow one another, as the page does.
describe('docs/cli.md', () => {
  beforeAll(async () => {
    // The page makes this key itself.
    await run('rm issuer.pem')
    expect(API).toBe('https://inventory.internal')
  })

  test.each(blocks.map(([, block = '', text = '']) => ({ block, text })))(
    '$block',
    async ({ block, text }) => {
      const { output, exitCode } = await run(block)
      expect([exitCode, output]).toEqual([0, expect.stringContaining(text)])
    },
  )

  test('names every command', () => {
    const { commands } = oathmeshProgram(fakeIo())
    const ours =
      'keygen jwks mint inspect explain revoke unrevoke revocations token curl completion'
    for (const name of ours.split(' ')) {
      expect(commands.map((command) => command.name())).toContain(name)
      expect(page).toMatch(new RegExp(`^\\|.*\`${name}\``, 'm'))
    }
  })

  test('names only files that there are', () => {
    for (const [, target = ''] of page.matchAll(/\]\(([^)#]+)\)/g)) {
      expect(readFileSync(join(resolve('docs'), target)).length).toBeGreaterThan(0)
    }
  })
})
