import type { GatewaySnapshot } from './snapshot.ts'

/** Something that keeps a gateway from deciding on every call as it should. */
export interface Finding {
  /** A stable word. */
  readonly what:
    | 'redis_away'
    | 'keys_stale'
    | 'keys_missing'
    | 'policy_outdated'
    | 'policy_missing'
    | 'memory_full'
    | 'audit_failing'
    | 'instance_faulty'
    | 'worker_missing'
    | 'worker_silent'
  /** Which one: an issuer, a Redis, a file. */
  readonly about: string
  /** What comes of it, and why, for a person. */
  readonly detail: string
}

type Find = (snapshot: GatewaySnapshot) => readonly Finding[]

const keys: Find = ({ issuers, entities }) =>
  issuers.flatMap(({ issuer: about, state }): readonly Finding[] => {
    if (!entities.some((entity) => entity.issuers.includes(about))) return []
    if (state === 'stale') {
      const detail = 'the issuer is away: its keys serve past their lifetime, not for long'
      return [{ what: 'keys_stale', about, detail }]
    }
    if (state !== 'missing') return []
    return [{ what: 'keys_missing', about, detail: 'no key is known: its tokens are refused' }]
  })

const policies: Find = (snapshot) =>
  snapshot.policies.flatMap(({ policy: about, state, cause = '' }): readonly Finding[] => {
    if (!snapshot.entities.some(({ policy }) => policy === about)) return []
    if (state === 'outdated') {
      const detail = `the newest version is faulty, the one before decides: ${cause}`
      return [{ what: 'policy_outdated', about, detail }]
    }
    if (state !== 'missing') return []
    const detail = `no version has been valid, every call is refused with 503: ${cause}`
    return [{ what: 'policy_missing', about, detail }]
  })

const redis: Find = (snapshot) =>
  snapshot.redis.flatMap(({ redis: about, state, cause = '' }): readonly Finding[] => {
    if (state !== 'away' || !snapshot.entities.some(({ replay }) => replay === about)) return []
    return [{ what: 'redis_away', about, detail: `new tokens are refused with 503: ${cause}` }]
  })

const memory: Find = ({ memory: store }) => {
  if (store === undefined || store.max_entries === 0 || store.entries < store.max_entries) return []
  const detail = `${store.entries} records: new tokens are refused with 503 until some lapse`
  return [{ what: 'memory_full', about: 'memory', detail }]
}

const audit: Find = (snapshot) =>
  snapshot.audit.flatMap(({ sink: about, dropped, cause }): readonly Finding[] => {
    if (cause === undefined) return []
    const detail = `calls go on, their lines wait or are lost, ${dropped} so far: ${cause}`
    return [{ what: 'audit_failing', about, detail }]
  })

/**
 * What is wrong, the worst first; empty when all is well. Only what a present entity uses counts: what one that
 * was removed has used may well be gone.
 */
export function findingsIn(snapshot: GatewaySnapshot): readonly Finding[] {
  return [policies, redis, keys, memory, audit].flatMap((find) => find(snapshot))
}
