import { clientOf } from '../../../sdk/node/client.ts'
import { RefusedError } from '../../../sdk/node/refused-error.ts'
import { fakePorts } from './fixture.ts'

const client = clientOf(
  {
    issuer: 'https://issuer.example',
    credential: 'secret',
    audience: 'https://api.example',
    action: 'items.read',
    binding: 'body',
  },
  fakePorts(),
)
const REFUSED = {
  error: 'audience_mismatch',
  message: 'M.',
  fix: 'F.',
  step: 10,
  request_id: 'r-1',
}
const answer = (status: number, body: object | string, type = 'application/json') =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), {
    status,
    headers: { 'content-type': type },
  })

describe('what a client says of a refusal', () => {
  test('names what the API wants where the client mints something else', async () => {
    const wants = {
      issuer: ['https://one', 'https://two'],
      audience: 'https://other',
      binding: 'strict',
    }
    const refusal = await client.refusal(answer(401, { ...REFUSED, ...wants }))
    expect(refusal).toBeInstanceOf(RefusedError)
    expect(refusal).toMatchObject({
      status: 401,
      code: 'audience_mismatch',
      step: 10,
      requestId: 'r-1',
      wanted: {
        issuers: ['https://one', 'https://two'],
        audience: 'https://other',
        binding: 'strict',
      },
      message:
        '401 audience_mismatch: M. F. The API wants issuer https://one or https://two; this client has https://issuer.example.' +
        ' The API wants audience https://other; this client has https://api.example.' +
        ' The API wants binding strict; this client has body.',
    })
  })

  test.each<[string, number, object]>([
    [
      'the API wants what is minted',
      401,
      { issuer: 'https://issuer.example', audience: 'https://api.example', binding: 'body' },
    ],
    ['the gateway keeps it to itself', 401, {}],
    ['another status says so', 403, { issuer: 'https://other' }],
  ])('names no difference where %s', async (_, status, more) => {
    const refusal = await client.refusal(answer(status, { ...REFUSED, ...more }))
    expect(refusal?.message).toBe(`${status} audience_mismatch: M. F.`)
  })

  test.each([
    ['an answer that allows', answer(200, REFUSED)],
    ['an error of the service', answer(401, { error: 'x' })],
    ['text', answer(401, 'no', 'text/plain')],
    ['broken JSON', answer(401, '{')],
  ])('is nothing for %s', async (_, given) => {
    expect(await client.refusal(given)).toBeUndefined()
  })

  test('leaves the body to be read, and is nothing once it has been', async () => {
    const given = answer(401, REFUSED)
    expect(await client.refusal(given)).toBeDefined()
    expect(await given.json()).toEqual(REFUSED)
    expect(await client.refusal(given)).toBeUndefined()
  })

  test('repeats nothing that acts on a terminal, and nothing without end', async () => {
    const hostile = { ...REFUSED, audience: `\u001b[31m\n\u202e${'x'.repeat(10_000)}`, issuer: [7] }
    const refusal = await client.refusal(answer(401, hostile))
    expect(refusal?.message).toMatch(/^[ -~]{1,600}$/)
    expect(refusal?.wanted?.issuers).toEqual([])
  })
})
