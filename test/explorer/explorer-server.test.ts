import { createServer } from 'node:http'
import { ExplorerServer, playsOf, type Stage } from '../../explorer/index.ts'
import type { StepReport } from '../../lib/explain/walk.ts'
import type { Step } from '../../lib/verify/step.ts'
import { STEPS } from '../../lib/verify/steps.ts'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls } from '../../testkit/http-call.ts'
import { type Listening, listen } from '../../testkit/listen.ts'
import { ExplorerClient } from './explorer-client.ts'

const WANTED = { sub: 'agent://ci/deploy-bot', aud: 'https://a', act: 'a.read', ttlSeconds: 60 }
const PLAY = { play: 'call', gateway: 'one', wanted: WANTED, clockOffSeconds: 0 }

let server: ExplorerServer
let client: ExplorerClient
let gateway: Listening
let minted = 0
/** What the gateway answers next. */
let answer = { status: 200, body: 'ok' }

beforeAll(async () => {
  gateway = await listen(
    createServer((_, response) => {
      response.statusCode = answer.status
      response.end(answer.body)
    }),
  )
  server = await ExplorerServer.start({ stage: stage(), folder: 'dist/explorer', port: 0 })
  client = new ExplorerClient(server.url)
})
afterAll(async () => {
  closeHttpCalls()
  await server.stop()
  await gateway.stop()
})

describe('who asks', () => {
  // biome-ignore format: reads as a table
  test.each([
    ['by a name that resolves to this machine', { host: 'evil.test' }],
    ['by such a name with the port',            { host: 'evil.test:PORT' }],
    ['for another port',                        { host: '127.0.0.1:1' }],
    ['from a page of somebody else',            { origin: 'https://evil.test' }],
    ['from another server on this machine',     { origin: 'http://127.0.0.1:1' }],
    ['from a page without an origin',           { origin: 'null' }],
    ['without saying from where',               { origin: '' }],
    ['from across sites',                       { 'sec-fetch-site': 'cross-site' }],
    ['from a neighbouring origin',              { 'sec-fetch-site': 'same-site' }],
    ['without the key',                         { 'x-explorer-key': '' }],
    ['with a wrong key',                        { 'x-explorer-key': 'x'.repeat(32) }],
    ['with what a form of HTML can send',       { 'content-type': 'text/plain' }],
  ])('%s gets nothing done', async (_, change: Record<string, string>) => {
    const before = minted
    const port = String(server.port)
    const changed = Object.entries(change).map(([name, text]) => [name, text.replace('PORT', port)])
    const body = JSON.stringify(PLAY)
    const { status, text } = await client.call('POST', '/api/play', {
      body,
      change: Object.fromEntries(changed),
    })
    expect([status, minted - before]).toEqual([403, 0])
    expect(text).not.toContain(client.key)
  })

  test('by the name localhost is as welcome as by its address', async () => {
    const host = `localhost:${server.port}`
    const change = { host, origin: `http://${host}` }
    expect((await client.call('GET', '/api/scenery', { change })).status).toBe(200)
  })

  test('for the page itself needs no key, and comes by the right name all the same', async () => {
    const bare = { 'x-explorer-key': '', origin: '' }
    expect((await client.call('GET', '/', { change: bare })).status).toBe(200)
    const foreign = await client.call('GET', '/', { change: { ...bare, host: 'evil.test' } })
    expect(foreign.status).toBe(403)
  })

  test('finds the server on the loopback interface alone', () => {
    expect(new URL(server.url).hostname).toBe('127.0.0.1')
  })
})

describe('every answer', () => {
  test.each(['/', '/explorer.js', '/explorer.css', '/icon.svg', '/api/scenery', '/nothing'])(
    'to %s forbids what the page does not need',
    async (path) => {
      const { headers } = await client.call('GET', path)
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/)
      expect(headers['content-security-policy']).not.toContain('unsafe')
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
      })
      expect(headers['access-control-allow-origin']).toBeUndefined()
    },
  )
})

describe('what is asked', () => {
  // biome-ignore format: reads as a table
  test.each([
    ['a play that is none',            { ...PLAY, play: 'win' },                           'play: '],
    ['a play of another stage',        { ...PLAY, play: 'dead_store' },                    'play: '],
    ['a gateway that is none',         { ...PLAY, gateway: 'two' },                        'gateway: '],
    ['a gateway that is missing',      { ...PLAY, gateway: 'absent' },                     'gateway: '],
    ['no claims',                      { ...PLAY, wanted: undefined },                     'subject: '],
    ['a claim that is no text',        { ...PLAY, wanted: { ...WANTED, act: 7 } },         'action: '],
    ['a claim without end',            { ...PLAY, wanted: { ...WANTED, aud: 'a'.repeat(281) } }, 'audience: '],
    ['a lifetime that is too long',    { ...PLAY, wanted: { ...WANTED, ttlSeconds: 301 } }, 'lifetime: '],
    ['a lifetime that is none',        { ...PLAY, wanted: { ...WANTED, ttlSeconds: null } }, 'lifetime: '],
    ['a clock that is off by a day',   { ...PLAY, clockOffSeconds: 86_400 },               'clock: '],
    ['something larger than it needs', { ...PLAY, more: 'x'.repeat(9000) },                'the request is larger'],
  ])('%s is refused by its name', async (_, request, said) => {
    const before = minted
    const { status, text } = await client.call('POST', '/api/play', { body: JSON.stringify(request) })
    expect([status, minted - before]).toEqual([400, 0])
    expect(JSON.parse(text).error).toContain(said)
  })

  test('in something that is not JSON is refused', async () => {
    expect((await client.call('POST', '/api/play', { body: '{' })).status).toBe(400)
  })
})

describe('what is told', () => {
  const refusal = (error: string, step?: number) =>
    JSON.stringify({ error, message: 'No.', fix: 'Do.', step, request_id: 'r' })

  // biome-ignore format: reads as a table
  test.each([
    ['a refusal of OathMesh',            401, refusal('replay_detected', 13),  'deny',        'Refused at step 13. No.'],
    ['one before the first step',        401, refusal('claim_missing:token'),  'deny',        'Refused before step 1. No.'],
    ['a failure of the gateway itself',  502, 'upstream connect error',        'no_decision', 'Refused by One itself: 502'],
    ['a refusal of somebody else',       401, '{"message":"No API key found"}', 'unknown',    'Answered with 401, and not by OathMesh'],
    ['an answer of the service',         200, 'ok',                            'allow',       'Allowed: all 14 steps passed'],
  ])('of %s is no more than was seen', async (_, status, body, outcome, headline) => {
    answer = { status, body }
    const story = await client.play(PLAY)
    expect(story).toMatchObject({ outcome, headline, upstreamReached: 'unseen' })
    const passed = story.gates.filter((gate) => gate.outcome === 'passed').length
    expect(passed).toBe({ deny: story.headline.includes('13') ? 12 : 0, no_decision: 0 }[outcome] ?? 14)
  })

  test('of steps that come to something else when run again says so', async () => {
    answer = { status: 401, body: refusal('token_expired', 8) }
    expect((await client.play(PLAY)).differs).toBe(
      'The gateway refused at step 8; run again, the steps end at none.',
    )
  })

  test('of a gateway that is away names it, and no token', async () => {
    await gateway.stop()
    const { status, text } = await client.call('POST', '/api/play', { body: JSON.stringify(PLAY) })
    expect([status, JSON.parse(text).error]).toEqual([502, expect.stringContaining('ECONNREFUSED')])
    expect(text).not.toContain('eyJ')
  })
})

/** One gateway that answers as it is told to, and steps that all pass. */
function stage(): Stage {
  return {
    issuer: 'https://issuer.example.test',
    gateways: [
      {
        ...{ id: 'one', label: 'One', decider: 'a process', store: 'Redis', audited: false },
        url: `${gateway.url}/items`,
        watch: () => async () => ({ upstream: 'unseen' }),
      },
      { id: 'absent', label: 'Absent', decider: 'nobody', missing: 'not installed' },
    ],
    plays: playsOf('call', 'replay'),
    wanted: WANTED,
    sources: [],
    async mint() {
      minted += 1
      return { outcome: 'minted', token: freshToken() }
    },
    async explain() {
      const passed = ({ label, name }: Step): StepReport => {
        return { step: label ?? 0, name, outcome: 'passed' }
      }
      return { outcome: 'allow', steps: STEPS.map(passed) }
    },
  }
}
