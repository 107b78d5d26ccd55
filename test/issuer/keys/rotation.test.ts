import { KeySchedule } from '../../../issuer/keys/key-schedule.ts'
import { readKeyDirectory } from '../../../issuer/keys/read-key-directory.ts'
import { rotateKey } from '../../../issuer/keys/rotate-key.ts'
import { KeyCache } from '../../../lib/keys/key-cache.ts'
import { silentLog } from '../../../lib/ports/log.ts'
import { FakeTime, halfway, SETTINGS } from '../../lib/keys/fixture.ts'
import { verdictOf, verifier } from '../accepted.ts'
import { API, BILLING_TOKEN, basic, ISSUER, TestIssuer, temporaryFolder } from '../fixture.ts'

const ROTATED_AT = 100
const ENDS_AT = 700
/** Seconds after its mint at which a token of 300 s is accepted for the last time: leeway 30. */
const LAST_MOMENT = 329

/** An issuer and a gateway that fetches its keys over HTTP, by one clock that the test moves. */
class Estate {
  readonly time = new FakeTime()
  readonly refused: string[] = []
  readonly kids = new Set<string>()
  readonly #late: { readonly token: unknown; readonly at: number }[] = []
  readonly #issuer: TestIssuer
  readonly #receiver: ReturnType<typeof verifier>

  constructor(issuer: TestIssuer) {
    this.#issuer = issuer
    issuer.nowMs = this.time.clock.now()
    const cache = new KeyCache({
      issuers: [{ issuer: ISSUER, jwksUri: `${issuer.origin}/.well-known/jwks.json` }],
      // An unknown key must not be fetched at once, which would hide that it came too late.
      settings: { ...SETTINGS, refreshCooldownSeconds: 100_000 },
      clock: this.time.clock,
      later: this.time.later,
      random: halfway,
      log: silentLog,
    })
    this.#receiver = verifier(API, () => this.time.clock.now(), cache)
  }

  get now(): number {
    return this.time.clock.now() / 1000
  }

  /** One second with this many calls; the token of one more is used at its last moment. */
  async pass(second: number, calls: number): Promise<void> {
    for (let call = 0; call < calls; call++) await this.#use(await this.#mint(), `${second} fresh`)
    this.#late.push({ token: await this.#mint(), at: second + LAST_MOMENT })
    while (this.#late[0] !== undefined && this.#late[0].at <= second) {
      await this.#use(this.#late.shift()?.token, `${second} late`)
    }
    this.#issuer.advance(1)
    this.time.advance(1)
  }

  async #mint(): Promise<unknown> {
    const { json } = await this.#issuer.mint(basic(), { ...BILLING_TOKEN, ttl_hint: 300 })
    const header = Buffer.from(String(json['token']).split('.')[0] ?? '', 'base64url')
    this.kids.add(JSON.parse(header.toString()).kid)
    return json['token']
  }

  async #use(token: unknown, name: string): Promise<void> {
    const verdict = await verdictOf(this.#receiver, token)
    if (verdict.outcome === 'deny') this.refused.push(`${name}: ${verdict.denial.reason}`)
  }
}

/** How many calls come in this second: 200 around each moment that matters. */
function callsIn(second: number): number {
  const matters = [ROTATED_AT, ROTATED_AT + 70].some((at) => Math.abs(second - at) <= 3)
  return matters ? 200 : 1
}

describe('a rotation under load', () => {
  const folder = temporaryFolder()
  const directory = folder.path
  let issuer: TestIssuer
  const rotate = async (now: number, delaySeconds?: number) => {
    await rotateKey({ directory, jwksTtlSeconds: 60, now, delaySeconds })
    issuer.keys.schedule = new KeySchedule(await readKeyDirectory(directory), 60)
  }
  const run = async (delaySeconds?: number) => {
    const estate = new Estate(issuer)
    await rotate(estate.now - 1000, 0)
    for (let second = 0; second < ENDS_AT; second++) {
      if (second === ROTATED_AT) await rotate(estate.now, delaySeconds)
      await estate.pass(second, callsIn(second))
    }
    return estate
  }

  beforeEach(async () => {
    issuer = await TestIssuer.start()
  })
  afterEach(() => issuer.stop())
  afterAll(() => folder.remove())

  test('refuses no token, fresh or at its last moment', async () => {
    const { refused, kids } = await run()
    expect(refused).toEqual([])
    expect(kids.size).toBe(2)
    // The old key has gone by now.
    const { json } = await issuer.call('/.well-known/jwks.json')
    expect(json['keys']).toHaveLength(1)
  }, 120_000)

  test('would refuse some if the new key signed at once', async () => {
    const { refused } = await run(0)
    expect(refused.length).toBeGreaterThan(100)
  }, 120_000)
})
