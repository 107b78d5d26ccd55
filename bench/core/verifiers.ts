import type { Call } from '../../lib/call.ts'
import type { PolicyRule } from '../../lib/index.ts'
import type { Ed25519Engine } from '../../lib/keys/ed25519.ts'
import { KeyCache } from '../../lib/keys/key-cache.ts'
import { silentLog } from '../../lib/ports/log.ts'
import { MemoryReplayStore } from '../../lib/replay/memory-store.ts'
import type { Observer } from '../../lib/verify/observer.ts'
import { openVerifier } from '../../lib/verify/open-verifier.ts'
import type { Verifier } from '../../lib/verify/verifier.ts'
import { parseConfig } from '../../schema/parse-config.ts'
import { toKeySettings, toTrustedIssuers, toVerifierSettings } from '../../schema/to-settings.ts'
import { freshToken } from '../../testkit/fresh-token.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'

export interface Choice {
  readonly ed25519: Ed25519Engine
  /** Rules of the policy, of which the last one allows. */
  readonly rules: number
  /** Records that the memory store holds before the first call. */
  readonly records?: number | undefined
  readonly observer?: Observer
}

/** The core as the plugin wires it, with a memory store. */
export function verifierWith({ ed25519, rules, records = 0, observer }: Choice): Verifier {
  const config = parseConfig({ ...BASE_CONFIG, policy: { rules: policyOf(rules) } })
  const clock = { now: () => Date.now() }
  const settings = toVerifierSettings(config, 'bench')
  const startedAt = Date.now() / 1000 - 1000
  const replay = new MemoryReplayStore({ maxEntries: records + 1_000_000, startedAt })
  fill(replay, records)
  return openVerifier(settings, {
    keys: new KeyCache({
      issuers: toTrustedIssuers(config),
      settings: toKeySettings(config),
      clock,
      log: silentLog,
    }),
    replay,
    ed25519,
    clock,
    observer,
  })
}

function policyOf(rules: number): readonly PolicyRule[] {
  const others = Array.from({ length: rules - 1 }, (_, at) => ({
    name: `other-${at}`,
    allow: true,
    match: { sub: `agent://team-${at}/*`, act: 'inventory.*' },
  }))
  return [
    ...others,
    { name: 'bots', allow: true, match: { sub: 'agent://ci/*', act: 'inventory.*' } },
  ]
}

/** As many live records as a million calls in five minutes leave behind. */
function fill(store: MemoryReplayStore, records: number): void {
  const now = Date.now() / 1000
  for (let at = 0; at < records; at++) {
    const iat = Math.floor(now) - (at % 60)
    store.claim(
      {
        issuer: 'https://issuer.example.test',
        tokenId: `550e8400-e29b-41d4-a716-${at}`,
        subject: 'agent://ci/deploy-bot',
        issuedAt: iat,
        acceptableUntil: iat + 330,
        leewaySeconds: 30,
        token: '',
        realm: '',
      },
      now,
    )
  }
}

/** A token as GitHub's workflows get them, about 700 bytes. */
export function token(claims: Parameters<typeof freshToken>[0] = {}): string {
  return freshToken({
    scope: ['inventory.read', 'inventory.write'],
    src: { type: 'github_actions', repo: 'acme/storefront', workflow: 'deploy.yml' },
    env: 'prod',
    tenant: 'acme',
    ...claims,
  })
}

export function callWith(authorization: string | undefined): Call {
  return {
    authorization: authorization === undefined ? [] : [authorization],
    requestLine: () => Promise.reject(new Error('not needed')),
    body: () => Promise.reject(new Error('not needed')),
  }
}
