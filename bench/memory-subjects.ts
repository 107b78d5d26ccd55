import { randomUUID } from 'node:crypto'
import { join, resolve } from 'node:path'
import { mint } from '../lib/token/mint.ts'
import { FIXTURES } from '../test/plugins/pluginserver/server-process.ts'
import { KEYS } from '../testkit/keys.ts'
import { BASE_CONFIG } from '../testkit/vectors.ts'
import type { Respond } from './memory-load.ts'

/** A plugin to run, and how to make it refuse and allow. */
export interface MemorySubject {
  readonly name: string
  readonly folder: string
  /** What a process needs before it allows anything. */
  readonly settleMs: number
  readonly config: (outcome: 'deny' | 'allow') => object
  readonly respond: (outcome: 'deny' | 'allow') => Respond
}

const HEADERS = {
  host: ['127.0.0.1:8000'],
  'user-agent': ['curl/7.88.1'],
  accept: ['*/*'],
  'content-length': ['7'],
  'content-type': ['application/json'],
}
const LIFETIME_SECONDS = 3

/** The server's own cost: a plugin that makes two calls, or refuses. */
const tiny: MemorySubject = {
  name: 'bench',
  folder: join(FIXTURES, 'bench'),
  settleMs: 0,
  config: (mode) => ({ mode }),
  respond: () => answering(() => HEADERS),
}

/** The plugin as it ships: a request without a token, or each with a token of its own. */
const oathmesh: MemorySubject = {
  name: 'oathmesh',
  folder: resolve('dist/kong'),
  // Tokens of the second in which the instance started may have been used before it did.
  settleMs: 3000,
  // Records of used tokens are memory by design, so they are made to expire at once.
  config: () => ({ ...BASE_CONFIG, clock_skew_leeway: 0, audit: { sink: 'none' } }),
  respond: (outcome) =>
    answering(() =>
      outcome === 'deny' ? HEADERS : { ...HEADERS, authorization: [`OathMesh ${token()}`] },
    ),
}

export const MEMORY_SUBJECTS: Readonly<Record<string, MemorySubject>> = { tiny, oathmesh }

function answering(headers: () => object): Respond {
  return (method) => {
    if (method === 'kong.request.get_headers') return { step: 'StepMultiMap', data: headers() }
    if (method === 'kong.client.get_forwarded_ip') return { step: 'Step', data: '127.0.0.1' }
    if (method === 'kong.nginx.get_var') return { step: 'Step', data: randomUUID() }
    return { step: 'Step', data: null }
  }
}

function token(): string {
  // Without leeway, a token is not yet valid in the very instant it was issued.
  const iat = Math.floor(Date.now() / 1000) - 1
  return mint(
    {
      iss: 'https://issuer.example.test',
      sub: 'agent://repo/acme/deploy-bot',
      aud: 'https://inventory.internal',
      act: 'inventory.write',
      iat,
      exp: iat + LIFETIME_SECONDS,
      jti: randomUUID(),
    },
    KEYS.trusted,
  )
}
