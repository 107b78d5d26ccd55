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
