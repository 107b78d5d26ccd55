import { createClient, githubActions } from '../../../sdk/node/index.ts'
import { type FakePeer, json, startIssuer, startPeer } from './fixture.ts'

let github: FakePeer
let issuer: FakePeer
beforeEach(async () => {
  github = await startPeer((_, response) => json(response, 200, { value: 'oidc' }))
  issuer = await startIssuer()
})
afterEach(async () => {
  await github.stop()
  await issuer.stop()
})

const env = () => ({
  ACTIONS_ID_TOKEN_REQUEST_URL: `${github.origin}/id?api-version=2.0`,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'runtime',
})

describe('the credential of a GitHub Actions job', () => {
  test('is an identity token for the issuer, asked for with every token', async () => {
    const credential = githubActions('https://issuer.example', { env: env() })
    const { origin } = issuer
    const client = createClient({ issuer: origin, credential, audience: 'a', action: 'deploy' })
    expect(await client.authorization()).toBe('OathMesh t1')
    expect(github.asked[0]).toMatchObject({
      url: '/id?api-version=2.0&audience=https%3A%2F%2Fissuer.example',
      headers: { authorization: 'Bearer runtime' },
    })
    expect(issuer.asked[0]?.headers.authorization).toBe('Bearer oidc')
  })

  test('does not exist outside of one', () => {
    expect(() => githubActions('https://issuer.example', { env: {} })).toThrow('id-token: write')
  })

  test.each([
    ['refuses', () => answering(403, {})],
    ['answers without one', () => answering(200, {})],
    ['is away', () => github.stop()],
  ])('is missing when GitHub %s', async (_, prepare) => {
    const credential = githubActions('https://issuer.example', { env: env() })
    await prepare()
    await expect(credential()).rejects.toThrow('GitHub gave no identity token')
  })

  const answering = (status: number, body: object) => {
    github.answer = (_, response) => json(response, status, body)
  }
})
