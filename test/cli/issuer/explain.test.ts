import { stringify } from 'yaml'
import { oathmeshProgram } from '../../../cli/program.ts'
import { runCli } from '../../../cli/terminal/run-cli.ts'
import { githubClaims, OidcProviderServer } from '../../../testkit/oidc-provider.ts'
import { fencedBlocks } from '../../docs/fenced-blocks.ts'
import { API, githubProvider, temporaryFolder } from '../../issuer/fixture.ts'
import { fakeIo } from '../fake-io.ts'
import { readOutput } from '../output-schema.ts'
import { issuerConfig } from './config.ts'

let folder: ReturnType<typeof temporaryFolder>
let github: OidcProviderServer
let config: string

beforeAll(async () => {
  folder = temporaryFolder()
  github = await OidcProviderServer.start()
  const { keys: _, allowHttp: __, ...provider } = githubProvider(github.issuer)
  const base = await issuerConfig()
  config = folder.write(
    'issuer.yaml',
    stringify({
      ...base,
      oidc: [{ ...provider, allow_http: true }],
      rules: [
        ...(base['rules'] as object[]),
        {
          name: 'deploys',
          callers: ['oidc:github'],
          allow: true,
          match: { sub: 'job://github/acme/*', aud: API, act: 'inventory.*' },
        },
      ],
    }),
  )
})
afterAll(async () => {
  folder.remove()
  await github.stop()
})

const now = Math.floor(Date.now() / 1000)
async function explain(...args: readonly string[]) {
  const io = fakeIo()
  const wanted = ['--config', config, '--aud', API]
  await runCli(oathmeshProgram(io), ['issuer', 'explain', ...wanted, ...args], io)
  return io.written
}
const asJob = (claims: object, ...args: readonly string[]) => {
  const file = folder.write('token.jwt', `${github.token({ ...githubClaims(now), ...claims })}\n`)
  return explain('--act', 'inventory.deploy', `@${file}`, ...args)
}

describe('oathmesh issuer explain', () => {
  test('shows provider, checks, subject and rules of a workload that would have its token', async () => {
    const { stdout, exitCode } = await asJob({})
    expect(exitCode).toBe(0)
    expect(stdout).toContain(`provider  ${github.issuer}\n`)
    for (const line of [
      '  ok  signature: verifies with the key',
      '  ok  require repository_owner: "acme" fits "acme"',
      '  ok  mapping: job://github/acme/storefront/deploy.yml',
      'caller    oidc:github\n',
      'sub       job://github/acme/storefront/deploy.yml\n',
      '> rule deploys (allow): decides\n',
      'would be minted by "deploys"\n',
    ]) {
      expect(stdout).toContain(line)
    }
    expect(stdout).not.toContain('rule billing')
  })

  test.each([
    [
      'a foreign owner',
      { repository_owner: 'evil' },
      'NO  require repository_owner: github: repository_owner is "evil", not "acme"',
      'oidc_claim_refused (repository_owner)',
    ],
    ['an expired token', { exp: now - 600 }, 'NO  time: exp was', 'oidc_token_expired'],
    [
      'another audience',
      { aud: 'https://other.example' },
      'NO  audience: aud is "https://other.example"',
      'oidc_audience_mismatch',
    ],
    [
      'a name that fits no subject',
      { workflow_ref: 'acme/storefront/.github/workflows/a b.yml@refs/heads/main' },
      'NO  mapping: github: subject: claim "workflow_ref" is not one segment',
      'oidc_claim_unmappable (workflow_ref)',
    ],
    [
      'a tab in a name',
      { workflow: 'a\tb' },
      'NO  mapping: github: source.workflow: claim "workflow" holds a character that is not printable, a tab',
      'oidc_claim_unmappable (workflow)',
    ],
    [
      'a rule that does not fit',
      { repository: 'other/x' },
      'sub is "job://github/other/x/deploy.yml", not "job://github/acme/*"',
      'mint_denied (sub)',
    ],
  ])('says what is wrong with %s', async (_what, claims, line, code) => {
    const { stdout, exitCode } = await asJob(claims)
    expect(exitCode).toBe(1)
    expect(stdout).toContain(line)
    expect(stdout).toMatch(/would be refused: \d{3} /)
    expect(stdout).toContain(code)
  })

  test('prints what docs/issuer.md shows', async () => {
    const { stdout } = await asJob({ exp: now - 212 })
    const [shown] = fencedBlocks('docs/issuer.md', 'text')
    const [command, ...lines] = (shown?.text ?? '').trimEnd().split('\n')
    expect(command).toMatch(/^\$ oathmesh issuer explain --config issuer.yaml /)
    // Where, when and by which key differ; and the source stands in the page's token, too.
    const shape = (text: string) =>
      text
        .replace(/https?:\S+|"[\w-]+"$|\d+ s|storefront deploys|deploys/g, '…')
        .replace(/inventory.\w+/, '…')
    const printed = stdout
      .trimEnd()
      .split('\n')
      .filter((line) => !line.startsWith('src '))
    const mended = (text: readonly string[]) =>
      text.map(shape).filter((line) => !line.includes('require'))
    expect(mended(printed)).toEqual(mended(lines))
  })

  test('says that a signature is forged, and shows the rest all the same', async () => {
    const { stdout, exitCode } = await explain(
      '--act',
      'inventory.deploy',
      github.forged(githubClaims(now)),
    )
    expect(exitCode).toBe(1)
    expect(stdout).toContain('NO  signature: The signature of the identity token does not verify.')
    expect(stdout).toContain('  ok  require ref')
    expect(stdout).toContain('would be refused: 401 oidc_signature_invalid')
  })

  test('explains a client without its secret, as JSON too', async () => {
    const client = ['--client', 'billing', '--sub', 'svc://acme/billing']
    expect((await explain(...client, '--act', 'inventory.read')).exitCode).toBe(0)
    const { stdout, exitCode } = await explain(...client, '--act', 'payroll.read', '--json')
    expect(exitCode).toBe(1)
    expect(readOutput('issuer-explain', stdout)).toMatchObject({
      caller: 'client:billing',
      outcome: 'refuse',
      refusal: { code: 'mint_denied', status: 403, field: 'act', reason: 'mint_policy' },
      rules: [{ name: 'billing', outcome: 'does_not_match', failed: [{ field: 'act' }] }, {}],
    })
  })

  test.each<[string, object, 'mint' | 'refuse']>([
    ['would have its token', {}, 'mint'],
    ['has another owner', { repository_owner: 'evil' }, 'refuse'],
    ['has no subject', { workflow_ref: 'acme/storefront/.github/workflows/a b.yml@x' }, 'refuse'],
    ['no rule is for', { repository: 'other/x' }, 'refuse'],
    ['has expired', { exp: now - 600 }, 'refuse'],
    ['is of an unknown provider', { iss: 'https://unknown.example' }, 'refuse'],
  ])('prints JSON as its schema says of a workload that %s', async (_, claims, outcome) => {
    const { stdout } = await asJob(claims, '--json')
    expect(readOutput('issuer-explain', stdout)).toMatchObject({ outcome })
  })

  test('refuses to guess who asks', async () => {
    const { exitCode, stderr } = await explain('--act', 'a')
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('--client')])
  })
})
