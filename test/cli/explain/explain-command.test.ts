import { gzipSync } from 'node:zlib'
import { freshToken } from '../../../testkit/fresh-token.ts'
import { body, document, JwksServer } from '../../../testkit/jwks-server.ts'
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

  const SET = JSON.stringify({ keys: [publicJwk(KEYS.trusted)] })
  const TWICE = JSON.stringify({ keys: [publicJwk(KEYS.trusted), publicJwk(KEYS.trusted)] })

  test.each<[string, Parameters<typeof body>, RegExp]>([
    ['gzip', [gzipSync(SET), 200, { 'content-encoding': 'gzip' }], /the body is compressed/],
    ['gzip that does not say so', [gzipSync(SET)], /is not JSON in UTF-8/],
    ['a byte order mark', [`\ufeff${SET}`], /begins with a byte order mark/],
    [
      'a redirect',
      ['', 302, { location: 'https://elsewhere' }],
      /status 302, a redirect, which is not followed/,
    ],
    ['a page', ['<html>'], /is not JSON/],
    ['one kid twice', [TWICE], /gives one kid to two keys: "/],
    ['an error', ['', 500], /answered with status 500/],
    ['no list', ['{}'], /has no list "keys"/],
  ])('names the address and the cause when the issuer answers %s', async (_, answer, cause) => {
    issuer.answer = body(...answer)
    const { stdout } = await explain(freshToken({ iss: issuer.origin }))
    expect(stdout).toContain(`  Expected: the keys of ${issuer.origin}\n`)
    expect(stdout).toContain(`  Found:    ${issuer.origin}/.well-known/jwks.json: `)
    expect(stdout).toMatch(cause)
  })

  test('names the address and the cause when nobody answers', async () => {
    await issuer.stop()
    const { stdout } = await explain(freshToken({ iss: issuer.origin }))
    expect(stdout).toMatch(
      / {2}Found: {4}http:\/\/127\.0\.0\.1:\d+\/\.well-known\/jwks\.json: .*ECONNREFUSED/,
    )
  })

  test.each<[string, object, string, string]>([
    ['another audience', { aud: 'https://other' }, 'https://inventory.internal', 'https://other'],
    ['a longer life', { exp: 4_000_000_000 }, 'exp - iat of at most 300 s', ' s'],
  ])('says what was expected and what was found of %s', async (_, claims, expected, found) => {
    const { stdout } = await explain(freshToken({ iss: issuer.origin, ...claims }))
    expect(stdout).toContain(`  Expected: ${expected}`)
    expect(stdout).toMatch(new RegExp(` {2}Found: {4}.*${found}\n`))
  })
})
