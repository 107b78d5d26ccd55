import { mint } from '../../lib/token/mint.ts'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { KEYS } from '../../testkit/keys.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'
import { onWire, WIRES } from '../../testkit/wires.ts'

const ANONYMOUS = { consumer: { by: 'subject' }, anonymous: 'nobody' }

describe.each(WIRES)('on %s', (wire) => {
  let stack: Loopback
  beforeAll(async () => {
    stack = await startOnLoopback({
      plugin: onWire(wire),
      entities: serviceWith(
        {
          '/observe': { ...BASE_CONFIG, enforcement: 'observe' },
          '/observe-bearer': { ...BASE_CONFIG, enforcement: 'observe', accept_bearer: true },
          '/anonymous': { ...BASE_CONFIG, ...ANONYMOUS },
          '/anonymous-bearer': { ...BASE_CONFIG, ...ANONYMOUS, accept_bearer: true },
          '/preflight': { ...BASE_CONFIG, run_on_preflight: false },
        },
        { consumers: [{ username: 'nobody' }] },
      ),
    })
  })
  afterAll(async () => {
    closeHttpCalls()
    await stack.stop()
  })

  /** A JWT of somebody else: three parts, another type. */
  const foreign = () => {
    const [, payload, signature] = freshToken().split('.')
    const header = Buffer.from('{"alg":"EdDSA","typ":"JWT"}').toString('base64url')
    return `${header}.${payload}.${signature}`
  }
  /** As an encoder writes it that escapes `+`. */
  const escaped = () => {
    const [, payload, signature] = freshToken().split('.')
    const header = Buffer.from('{"alg":"EdDSA","typ":"om\\u002Bjwt","kid":"k"}').toString(
      'base64url',
    )
    return `${header}.${payload}.${signature}`
  }

  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const inJson = (token: string) => {
    const [header, payload, signature] = token.split('.')
    return `Token ${JSON.stringify({ payload, signature, protected: header })}`
  }

  const OURS: readonly [string, (token: string) => string][] = [
    ['Bearer', (token) => `Bearer ${token}`],
    ['bearer in capitals', (token) => `BEARER ${token}`],
    ['no scheme', (token) => token],
    ['another scheme', (token) => `Token ${token}`],
    ['our scheme after another value', (token) => `x, OathMesh ${token}`],
    ['our scheme with a comma', (token) => `OathMesh,${token}`],
    ['our scheme with a colon', (token) => `OathMesh: ${token}`],
    ['a credential before it', (token) => `Basic dXNlcjpwYXNz, OathMesh ${token}`],
    ['quotes', (token) => `Bearer "${token}"`],
    ['a parameter', (token) => `Bearer realm="x", token=${token}`],
    ['a part before it', (token) => `Bearer a.${token}`],
    ['a part behind it', (token) => `Bearer ${token}.a`],
    ['letters glued to it', (token) => `Bearer${token}`],
    ['a foreign token before it', (token) => `Bearer ${foreign()} ${token}`],
    ['an escape in its header', () => `Bearer ${escaped()}`],
    ['our scheme and half a token', () => 'OathMesh abc'],
    ['tabs around it', (token) => `Bearer\t\t${token}\t`],
    ['white space in it', (token) => `Bearer ${token.replaceAll('.', ' . ')}`],
    ['white space within its parts', (token) => `Bearer ${token.replaceAll(/.{60}/g, '$& ')}`],
    ['dots percent-encoded', (token) => `Bearer ${token.replaceAll('.', '%2E')}`],
    ['a letter percent-encoded', (token) => `Bearer %65${token.slice(1)}`],
    ['another separator', (token) => `Token ${token.replaceAll('.', ':')}`],
    ['the token as a password of Basic', (token) => `Basic ${base64(`oauth2:${token}`)}`],
    ['the token as a user of Basic', (token) => `basic ${base64(`${token}:`)}`],
    ['the token alone in Basic', (token) => `Basic ${base64(token)}`],
    ['Basic after another value', (token) => `Bearer abc, Basic ${base64(`x:${token}`)}`],
    ['two wrappings', (token) => `Basic ${base64(`x:${base64(token)}`)}`],
    ['Negotiate', (token) => `Negotiate ${token}`],
    ['DPoP in capitals', (token) => `DPOP ${token}`],
    ['a token in JSON', inJson],
  ]
  const THEIRS: readonly [string, () => string][] = [
    ['Basic', () => 'Basic dXNlcjpwYXNz'],
    ['a foreign JWT', () => `Bearer ${foreign()}`],
    ['an opaque token', () => 'Bearer gho_16C7e42F292c6912E7710c838347Ae178B4a'],
    ['a signature', () => 'Signature keyId="oathmesh",signature="abc.def.ghi"'],
    ['a scheme that begins like ours', () => 'OathMeshed abc'],
    ['Basic of a user called as we are', () => `Basic ${base64('oathmesh:secret')}`],
    ['Basic with a foreign JWT', () => `Basic ${base64(`x:${foreign()}`)}`],
    ['Negotiate', () => `Negotiate ${base64('x'.repeat(400))}`],
  ]
  const MODES = ['/observe', '/observe-bearer', '/anonymous', '/anonymous-bearer', '/preflight']

  describe.each(MODES)('a credential in Authorization on a passing call to %s', (path) => {
    async function forwarded(value: string): Promise<string | undefined> {
      const before = stack.seen.length
      const headers = ['Authorization', value]
      const method = path === '/preflight' ? 'OPTIONS' : 'GET'
      const answer = await httpCall(stack.url, { path, method, headers })
      expect(answer.status).toBe(200)
      expect(stack.seen).toHaveLength(before + 1)
      return stack.seen.at(-1)?.headers.authorization
    }

    test.each(OURS)('is ours with %s, and goes no further', async (_, value) => {
      // Signed by a key that nobody trusts, so that no mode allows the call.
      expect(await forwarded(value(freshToken({}, KEYS.stranger)))).toBeUndefined()
      // And one that is alive.
      expect(await forwarded(value(freshToken({ act: 'x' })))).toBeUndefined()
    })

    test.each(THEIRS)('is somebody else’s with %s, and stays', async (_, value) => {
      const sent = value()
      expect(await forwarded(sent)).toBe(sent)
    })

    test('of two, neither goes: nginx refuses them itself', async () => {
      const before = stack.seen.length
      const ours = `OathMesh ${freshToken({}, KEYS.stranger)}`
      const headers = ['Authorization', ours, 'Authorization', 'Basic dXNlcjpwYXNz']
      const method = path === '/preflight' ? 'OPTIONS' : 'GET'
      expect((await httpCall(stack.url, { path, method, headers })).status).toBe(400)
      expect(stack.seen).toHaveLength(before)
    })
  })

  test('a token that our own minting makes is known by its header', () => {
    const header = mint({} as Parameters<typeof mint>[0], KEYS.trusted).split('.')[0] ?? ''
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({ typ: 'om+jwt' })
  })
})
