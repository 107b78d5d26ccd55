import type { ServerResponse } from 'node:http'
import { clientOf } from '../../../sdk/node/client.ts'
import { type FakePeer, fakePorts, json, startPeer } from './fixture.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const peers: FakePeer[] = []
afterEach(async () => {
  for (const peer of peers.splice(0)) await peer.stop()
})

function repeating(response: ServerResponse, what: string, everyMs: number): void {
  const timer = setInterval(() => response.write(what), everyMs)
  response.once('close', () => clearInterval(timer))
}

test.each<readonly [string, (response: ServerResponse) => void]>([
  ['says nothing', () => {}],
  ['stops within its answer', (response) => void response.writeHead(200, JSON_TYPE).write('{"tok')],
  [
    'answers by the byte',
    (response) => {
      response.writeHead(200, JSON_TYPE).write('{')
      repeating(response, ' ', 20)
    },
  ],
  [
    'answers without end',
    (response) => {
      response.writeHead(200, JSON_TYPE).write('{"token":"')
      repeating(response, 'x'.repeat(65_536), 1)
    },
  ],
])('an issuer that %s gives no token, and the call is not sent', async (_, answer) => {
  const issuer = await startPeer((_asked, response) => answer(response))
  const api = await startPeer((_asked, response) => json(response, 200, {}))
  peers.push(issuer, api)
  const client = clientOf(
    {
      ...{ issuer: issuer.origin, credential: 'secret', timeoutMs: 300 },
      ...{ audience: 'https://api.example', action: 'items.write' },
    },
    fakePorts(),
  )
  await expect(client.fetch(`${api.origin}/items`)).rejects.toMatchObject({ kind: 'unavailable' })
  expect(api.asked).toEqual([])
  expect(issuer.asked).toHaveLength(1)
})
