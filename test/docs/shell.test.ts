import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { hashSecret } from '../../issuer/clients/secret-hash.ts'
import { freshToken } from '../../testkit/fresh-token.ts'
import { githubClaims, OidcProviderServer } from '../../testkit/oidc-provider.ts'
import { freePort, RedisServer } from '../../testkit/redis-server.ts'
import { fencedBlocks } from './fenced-blocks.ts'
import { type PasteOptions, paste } from './paste.ts'

const STAND_INS = readFileSync('test/docs/stand-ins.sh', 'utf8')

/** The repository as a reader has it after `npm ci && npm run build`, and a `kong.yml` of the reader's. */
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oathmesh-docs-'))
  for (const name of ['dist', 'docker-compose.yml', 'kong', 'package.json', 'package-lock.json'])
    symlinkSync(resolve(name), join(folder, name))
  cpSync('kong/kong.yml', join(folder, 'kong.yml'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function blocks(page: string) {
  return fencedBlocks(page, 'sh').map(({ line, text }) => ({ line, text: installed(text) }))
}

/** With the files where the build puts them. */
function installed(text: string): string {
  return (
    text
      .replaceAll('/opt/oathmesh/', `${resolve('dist')}/`)
      // Node.js is not in /usr/bin on every machine that runs this.
      .replace('env -i ', 'env -i PATH="$PATH" ')
  )
}

async function succeeds(text: string, options: Omit<PasteOptions, 'cwd'> = {}): Promise<void> {
  const { output, exitCode } = await paste(text, { cwd: folder, ...options })
  expect([exitCode, output]).toEqual([0, expect.any(String)])
}

describe.each(['README.md', 'docs/deploy.md', 'docs/guard.md', 'docs/plugin-server.md'])(
  '%s',
  (page) => {
    test.each(blocks(page))('line $line: $text', async ({ text }) => {
      await succeeds(text, { standIns: STAND_INS })
    })
  },
)

describe('docs/konnect.md', () => {
  const env = { KONNECT_TOKEN: 'kpat_1', KONNECT_REGION: 'eu', CONTROL_PLANE_ID: 'c1' }
  /** Konnect's API: takes the schema, whole. */
  const curl = `curl() {
    [[ " $* " == *" --json @- "* && "$*" == *" https://eu.api.konghq.com/v2/control-planes/c1/core-entities/plugin-schemas" ]]
    jq --exit-status --rawfile schema kong/schema.lua '. == { lua_schema: $schema }'
  }`

  test.each(blocks('docs/konnect.md'))('line $line: $text', async ({ text }) => {
    await succeeds(text, { env, standIns: `${STAND_INS}\n${curl}` })
  })
})

describe('docs/issuer.md', () => {
  const [start, mint, ...others] = blocks('docs/issuer.md')
  const [config] = fencedBlocks('docs/issuer.md', 'yaml')
  const [answer] = fencedBlocks('docs/issuer.md', 'json')

  test('leads from the configuration to the first token', async () => {
    const github = await OidcProviderServer.start()
    const port = String(await freePort())
    const file = (config?.text ?? '')
      .replace('host: 0.0.0.0', 'host: 127.0.0.1')
      .replace('port: 4000', `port: ${port}`)
      .replace('scrypt$32768$8$1$…', await hashSecret('secret'))
      .replace(/issuer: https:..token.actions.*/, `issuer: ${github.issuer}\n    allow_http: true`)
    writeFileSync(join(folder, 'issuer.yaml'), file)
    const request =
      'req -x509 -newkey ed25519 -nodes -subj /CN=localhost -keyout tls.key -out tls.crt'
    execFileSync('openssl', request.split(' '), { cwd: folder, stdio: 'ignore' })
    const origin = `https://127.0.0.1:${port}`
    // What serves goes on until it is told to stop; the reader asks from another terminal.
    const standIns = `
      curl() { command curl --silent --insecure "$@"; }
      serve() {
        oathmesh serve "$@" & server=$!
        until curl --fail ${origin}/readyz; do kill -0 $server; sleep 0.1; done
      }`
    const script = [
      start?.text.replace(/^oathmesh serve (--config \S+)$/m, 'serve $1'),
      mint?.text.replace('https://issuer.acme.example', origin),
      'kill $server; wait $server',
    ].join('\n')
    const env = { IDENTITY_TOKEN: github.token(githubClaims(Math.floor(Date.now() / 1000))) }
    const { output, exitCode } = await paste(script, { cwd: folder, env, standIns })
    await github.stop()
    expect([exitCode, output]).toEqual([0, expect.stringMatching(/listens on https:/)])
    const [got = '{}'] = /\{"token".*\}/.exec(output) ?? []
    expect(JSON.parse(got)).toEqual({
      ...JSON.parse(answer?.text ?? ''),
      token: expect.stringMatching(/^eyJ/),
    })
  })

  test.each(others)('line $line: $text', async ({ text }) => {
    await succeeds(text)
  })
})

describe('docs/policy.md', () => {
  test.each(blocks('docs/policy.md'))('line $line: $text', async ({ text }) => {
    const [policy] = fencedBlocks('docs/policy.md', 'json')
    const claims = {
      iss: 'https://auth.example.com',
      sub: 'svc://checkout/api',
      aud: 'https://api.example.com',
      act: 'orders.write',
    }
    const cases = [{ name: 'writes', claims, expect: { allow: true, rule: 'checkout' } }]
    writeFileSync(join(folder, 'policy.json'), policy?.text ?? '')
    writeFileSync(join(folder, 'cases.json'), JSON.stringify({ cases }))
    const stdin = freshToken(claims)
    await succeeds(text, { stdin })
  })
})

describe('docs/replay-and-revocation.md', () => {
  test.each(blocks('docs/replay-and-revocation.md'))('line $line: $text', async ({ text }) => {
    const redis = await RedisServer.start()
    const standIns = `redis-cli() { command redis-cli -p ${redis.port} "$@"; }`
    const { output, exitCode } = await paste(text, { cwd: folder, standIns })
    await redis.stop()
    expect([exitCode, output.split('\n')]).toEqual([
      0,
      ['1', 'agent://ci/deploy-bot', '2026-03-30T12:00:00Z', '1', ''],
    ])
  })
})
