import { freshToken } from '../../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../../testkit/http-call.ts'
import { KEYS } from '../../../testkit/keys.ts'
import { freePort } from '../../../testkit/redis-server.ts'
import { serviceWith } from '../../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../../testkit/vectors.ts'

let metrics: string
let stack: Loopback
beforeAll(async () => {
  const address = `127.0.0.1:${await freePort()}`
  metrics = `http://${address}`
  stack = await startOnLoopback({
    plugin: { flags: ['--metrics', address] },
    entities: serviceWith({ '/items': BASE_CONFIG }),
  })
})
afterAll(async () => {
  closeHttpCalls()
  await stack.stop()
})

/** One of each kind of call, in which everything that a caller chooses is marked. */
async function callEachWay(mark: string): Promise<void> {
  const chosen = { sub: `agent://${mark}/a`, act: `${mark}.read`, jti: `${mark}-${Math.random()}` }
  const tokens = [
    freshToken(chosen),
    freshToken({ ...chosen, iss: `https://${mark}.example` }),
    freshToken({ ...chosen, aud: `https://${mark}.internal` }),
    freshToken(chosen, { kid: mark, privateKey: KEYS.stranger.privateKey }),
    `@${mark}.${mark}.${mark}`,
  ]
  for (const token of tokens) {
    const headers = ['Authorization', `OathMesh ${token}`, 'User-Agent', mark]
    await httpCall(stack.url, { path: `/items/${mark}?${mark}`, headers })
  }
}

/** Names and labels of all that is measured, without the figures. */
async function series(): Promise<readonly string[]> {
  const { text } = await httpCall(metrics, { path: '/metrics' })
  const lines = text.split('\n').filter((line) => line.startsWith('oathmesh_'))
  return lines.map((line) => line.slice(0, line.lastIndexOf(' '))).toSorted()
}

test('W-37 nothing that a caller chooses becomes a label', async () => {
  await callEachWay('first')
  const before = await series()
  for (let at = 0; at < 20; at++) await callEachWay(`other${at}`)
  expect(await series()).toEqual(before)
  expect(before.join('\n')).not.toMatch(/first|\/items/)
  expect(before.some((line) => line.includes('audience_mismatch'))).toBe(true)
})
