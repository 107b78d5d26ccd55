import { hashSecret } from '../../issuer/clients/secret-hash.ts'
import { subjectTemplate } from '../../issuer/oidc/template.ts'
import { BILLING_TOKEN, basic, SECRET, TestIssuer } from '../issuer/fixture.ts'

const BURST = 5
const RECIPE =
  'job://github/{repository|path}/{workflow_ref|after:/.github/workflows/|before:@refs/}'

let issuer: TestIssuer
beforeEach(async () => {
  const hashes = await Promise.all([SECRET, 'second'].map(hashSecret))
  issuer = await TestIssuer.start({
    clients: [
      { name: 'billing', secretHashes: hashes.slice(0, 1) },
      { name: 'payroll', secretHashes: hashes.slice(1) },
    ],
    attemptLimit: { perMinute: 1, burst: BURST },
  })
})
afterEach(() => issuer.stop())

/** How many of these calls, all made at once, were answered with each status. */
async function statusesOf(authorizations: readonly string[]): Promise<Record<number, number>> {
  const answers = await Promise.all(
    authorizations.map((authorization) => issuer.mint(authorization, BILLING_TOKEN)),
  )
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

/** The text of a subject, where the claims make one. */
function textOf(template: string, claims: object): string | undefined {
  const rendering = subjectTemplate(template)(claims)
  return 'text' in rendering ? rendering.text : undefined
}

const guesses = (count: number, name = 'billing') =>
  Array.from({ length: count }, (_, at) => basic(name, `guess ${at}`))

describe('guesses that are made at once', () => {
  test('are checked no more often than one after the other', async () => {
    expect(await statusesOf(guesses(34))).toEqual({ 403: BURST, 429: 34 - BURST })
  })

  test('do not let in the right one among those that are too many', async () => {
    expect(await statusesOf([...guesses(33), basic()])).toEqual({ 403: BURST, 429: 34 - BURST })
  })

  test('of names of all kinds share the limit of their peer', async () => {
    const names = ['billing', 'payroll', 'nobody', 'root'].flatMap((name) => guesses(8, name))
    expect(await statusesOf(names)).toEqual({ 403: BURST, 429: names.length - BURST })
  })

  test('as bearer credentials are counted like those of Basic', async () => {
    const bearers = Array.from({ length: 20 }, (_, at) => `Bearer billing~guess-${at}`)
    expect(await statusesOf(bearers)).toEqual({ 403: BURST, 429: 20 - BURST })
  })

  test('of one secret cost an attempt each, too', async () => {
    expect(await statusesOf(Array(20).fill(basic('billing', 'same')))).toEqual({
      403: BURST,
      429: 20 - BURST,
    })
  })

  test('share the limit with what is no credential at all', async () => {
    await statusesOf(Array(BURST - 1).fill('Digest x'))
    expect(await statusesOf(guesses(10))).toEqual({ 403: 1, 429: 9 })
  })
})

describe('callers who are right', () => {
  test('get their attempt back', async () => {
    for (let round = 0; round < 3 * BURST; round++) {
      expect((await issuer.mint(basic(), BILLING_TOKEN)).status).toBe(200)
    }
    expect(await statusesOf(guesses(10))).toEqual({ 403: BURST, 429: 10 - BURST })
  })

  test('pass all at once with a secret that has never been seen', async () => {
    expect(await statusesOf(Array(20).fill(basic()))).toEqual({ 200: 20 })
  })

  test('pass while others have used up the attempts, once their secret is known', async () => {
    await issuer.mint(basic(), BILLING_TOKEN)
    expect(await statusesOf([...guesses(20), basic()])).toEqual({ 200: 1, 403: BURST, 429: 15 })
  })
})

describe('the recipe for GitHub', () => {
  const subject = (repository: string, file: string, ref = 'refs/heads/main') =>
    textOf(RECIPE, {
      repository,
      workflow_ref: `${repository}/.github/workflows/${file}@${ref}`,
    })

  test.each([
    ['acme/shop', 'deploy.yml', 'refs/heads/main', 'acme/shop/deploy.yml'],
    ['acme/workflows', 'deploy.yml', 'refs/heads/main', 'acme/workflows/deploy.yml'],
    ['acme/.github', 'deploy.yml', 'refs/heads/main', 'acme/.github/deploy.yml'],
    ['acme/shop', 'deploy.yml', 'refs/heads/a@b', 'acme/shop/deploy.yml'],
    ['acme/shop', 'deploy.yml', 'refs/heads/x@refs/y', 'acme/shop/deploy.yml'],
    ['acme/shop', 'deploy.yml', 'refs/pull/7/merge', 'acme/shop/deploy.yml'],
    ['acme/shop', 'refs.yaml', 'refs/tags/v1', 'acme/shop/refs.yaml'],
  ])('reads %s %s at %s as %s', (repository, file, ref, name) => {
    expect(subject(repository, file, ref)).toBe(`job://github/${name}`)
  })

  test.each([
    'deploy.yml@evil.yml',
    'deploy.yml@refs.yml',
    'deploy.yml@refs',
    'deploy.yml ',
    'deploy yml',
    'déploy.yml',
    '..',
    'deploy.yml\\..\\x.yml',
  ])('takes %j for no other workflow', (file) => {
    expect(subject('acme/shop', file)).toBeUndefined()
  })
})

describe('the filter lower', () => {
  test.each([
    ['ACME', 'acme'],
    ['\u212Aube', undefined],
    ['\u0130stanbul', undefined],
    ['\uFF21cme', undefined],
    ['\u00C4rger', undefined],
    ['\u03A3', undefined],
  ])('makes %j %s', (name, text) => {
    expect(textOf('{name|lower}', { name })).toBe(text)
  })
})
