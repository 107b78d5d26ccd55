import { freshToken } from '../../../testkit/fresh-token.ts'
import { document, JwksServer } from '../../../testkit/jwks-server.ts'
import { KEYS, publicJwk } from '../../../testkit/keys.ts'
import { CommandFolder } from '../command-folder.ts'

const AUDIENCE = ['--audience', 'https://inventory.internal']

let folder: CommandFolder
let issuer: JwksServer
beforeEach(async () => {
  folder = new CommandFolder()
  issuer = await JwksServer.start(document({ keys: [publicJwk(KEYS.trusted)] }))
})
afterEach(async () => {
  folder.remove()
  await issuer.stop()
})

const explain = (token: string, color = false) => {
  const args = ['explain', ...AUDIENCE, '--issuer', issuer.origin, '--allow-http']
  return folder.run(args, token, color)
}

describe('oathmesh explain', () => {
  test('fetches the keys of the issuers it was told to trust', async () => {
    const written = await explain(freshToken({ iss: issuer.origin }))
    expect([written.exitCode, issuer.paths]).toEqual([0, ['/.well-known/jwks.json']])
  })

  test('never asks an issuer that the token names', async () => {
    const stranger = await JwksServer.start(document({ keys: [publicJwk(KEYS.trusted)] }))
    const { stdout } = await explain(freshToken({ iss: stranger.origin }))
    expect(stdout).toContain('refused at step 4: 401 issuer_untrusted')
    expect(stranger.requests).toBe(0)
    await stranger.stop()
  })

  test('refuses as the gateway does when the issuer is away', async () => {
    await issuer.stop()
    const { stdout, exitCode } = await explain(freshToken({ iss: issuer.origin }))
    expect(stdout).toContain('refused at step 5: 503 verification_failed')
    expect(exitCode).toBe(1)
  })

  test('takes a configuration of oathmesh-envoy as it is', async () => {
    const config = `# of the service
audience: https://inventory.internal
issuers: [{ issuer: "${issuer.origin}" }]
keys: { allow_http: true }
anonymous: nobody
policy: { rules: [{ name: reads, allow: true, match: { sub: "agent://*", act: "*.read" } }] }
`
    folder.write('default.yaml', config)
    const args = ['explain', '--config', 'default.yaml']
    const read = freshToken({ iss: issuer.origin, act: 'inventory.read' })
    expect((await folder.run(args, read)).stdout).toContain('rule "reads"')
    const written = await folder.run(args, freshToken({ iss: issuer.origin }))
    expect(written).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('at step 14') })
    folder.write('default.yaml', config.replace('allow_http', 'alow_http'))
    const { stderr } = await folder.run(args, read)
    expect(stderr).toMatch(/default\.yaml:1: .*alow_http/)
  })

  test('is coloured only on a terminal', async () => {
    const token = freshToken({ iss: issuer.origin })
    expect((await explain(token, true)).stdout).toContain('\u001b[32m✔\u001b[0m')
    expect((await explain(token)).stdout).not.toContain('\u001b')
  })

  test('lets no claim steer the terminal', async () => {
    const { stdout } = await explain(freshToken({ iss: issuer.origin, jti: '\u001b[2J' }), true)
    expect(stdout).toContain('id \\u001b[2J')
  })
})
