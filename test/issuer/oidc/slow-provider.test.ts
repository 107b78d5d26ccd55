import type { ServerResponse } from 'node:http'
import { type KeysLocation, ProviderKeys } from '../../../issuer/oidc/provider-keys.ts'
import { NodeHttp } from '../../../lib/ports/http.ts'
import { monotonic } from '../../../lib/ports/stopwatch.ts'
import { JwksServer } from '../../../testkit/jwks-server.ts'
import { RecordingLog } from '../../lib/keys/fixture.ts'

type Behaviour = readonly [string, (response: ServerResponse) => void, RegExp]

function repeating(response: ServerResponse, what: string, everyMs: number): void {
  const timer = setInterval(() => response.write(what), everyMs)
  response.once('close', () => clearInterval(timer))
}

const LATE = /no complete answer within 5000 ms/
const SLOW: readonly Behaviour[] = [
  ['says nothing', () => {}, LATE],
  ['stops within its answer', (response) => void response.writeHead(200).write('{"keys":'), LATE],
  [
    'answers by the byte',
    (response) => {
      response.writeHead(200).write('{')
      repeating(response, ' ', 50)
    },
    LATE,
  ],
  [
    'answers without end',
    (response) => {
      response.writeHead(200).write('{"keys":[')
      repeating(response, '{},'.repeat(20_000), 1)
    },
    /longer than 524288 bytes/,
  ],
]

test('a provider that is slow or endless gives no keys, wherever it begins', async () => {
  const outcomes = SLOW.flatMap(([what, answer, cause]) =>
    (['discovery', 'uri'] as const).map(async (from) => {
      const server = await JwksServer.start((_request, response) => answer(response))
      const location: KeysLocation =
        from === 'uri' ? { from, uri: `${server.origin}/keys` } : { from, issuer: server.origin }
      const log = new RecordingLog()
      const keys = new ProviderKeys({
        ...{ location, allowHttp: true, http: new NodeHttp(), stopwatch: monotonic, log },
      })
      // Whoever comes meanwhile waits for the same answer, and asks for no other.
      const asked = await Promise.allSettled([keys.current(), keys.current(), keys.current()])
      const reasons = asked.map((each) => each.status === 'rejected' && each.reason.reason)
      expect([what, from, ...reasons]).toEqual([what, from, ...Array(3).fill('oidc_unavailable')])
      expect(JSON.stringify(log)).toMatch(cause)
      expect(server.requests).toBe(1)
      await server.stop()
    }),
  )
  await Promise.all(outcomes)
  expect(outcomes).toHaveLength(8)
})
