import { type Minted, playsOf, type Stage, type StageGateway } from '../../explorer/index.ts'
import { GivenCall } from '../../lib/explain/given-call.ts'
import { walk } from '../../lib/explain/walk.ts'
import type { PluginConfig } from '../../schema/plugin-config.ts'
import { MintError } from '../../sdk/node/mint-error.ts'
import { type MintingOptions, openClient } from '../call/open-client.ts'
import { openVerification } from '../explain/verification.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { readRequestLine } from '../token/bound-request.ts'
import type { AuditFile } from './audit-file.ts'
import { echoedHeaders } from './echoed-headers.ts'

export interface OwnServices {
  readonly config: PluginConfig
  /** Says where a fault of the configuration is. */
  readonly say: (fault: string) => string
  /** Of the API behind the gateway, path included. */
  readonly url: string
  readonly audit: AuditFile | undefined
  readonly minting: MintingOptions
}

/** A stage of one's own issuer and gateway: what would harm them is not played. */
export async function openOwnStage(own: OwnServices, io: CliIo): Promise<Stage> {
  const { config, minting } = own
  const clock = { at: 0, now: () => clock.at }
  const verifier = await openVerification(config, clock, own.say, {
    // What the store says is the gateway's word.
    claim: () => 'fresh',
  })
  return {
    issuer: minting.issuer ?? minting.iss ?? '',
    gateways: [gatewayOf(own)],
    plays: playsOf('call', 'replay', 'tamper'),
    wanted: {
      sub: minting.sub ?? '',
      aud: minting.aud,
      act: minting.act,
      ttlSeconds: minting.ttl,
    },
    sources: sourcesOf(own),
    mint: ({ sub, aud, act, ttlSeconds }) => {
      const { sub: _, ...rest } = minting
      return mint(own, { ...rest, aud, act, ttl: ttlSeconds, ...(sub !== '' && { sub }) }, io)
    },
    explain(token, target, at) {
      clock.at = at
      const call = new GivenCall(
        `OathMesh ${token}`,
        readRequestLine(`GET ${target}`),
        Buffer.alloc(0),
      )
      return walk(call, verifier)
    },
  }
}

function gatewayOf({ config, url, audit }: OwnServices): StageGateway {
  return {
    id: 'own',
    label: 'Gateway',
    decider: new URL(url).host,
    url,
    store: config.replay.store === 'redis' ? 'Redis' : 'the memory of the gateway',
    audited: audit !== undefined,
    watch() {
      const start = audit?.end()
      return async ({ tokenId, decided, refused, answer }) => {
        const line = decided ? await audit?.lineOf(tokenId, (await start) ?? 0) : undefined
        const upstream = refused ? 'not_reached' : (echoedHeaders(answer) ?? 'unseen')
        return { upstream, ...(line !== undefined && { audit: line }) }
      }
    },
  }
}

/** A refusal is part of the story; an issuer that cannot be asked is not. */
async function mint(own: OwnServices, options: MintingOptions, io: CliIo): Promise<Minted> {
  const { mode } = own.config.request_binding
  try {
    const client = await openClient('explore', { ...options, bindMode: mode }, io)
    const bound = mode === 'off' ? undefined : { method: 'GET', url: own.url }
    const authorization = await client.authorization(bound)
    return { outcome: 'minted', token: authorization.replace(/^OathMesh /, '') }
  } catch (cause) {
    const refused =
      cause instanceof MintError ? cause.kind === 'refused' : cause instanceof InputError
    if (refused && cause instanceof Error) return { outcome: 'refused', why: cause.message }
    throw cause
  }
}

function sourcesOf({ minting, audit }: OwnServices): readonly string[] {
  return [
    minting.key === undefined
      ? 'The token is minted by the issuer, with the credential that the explorer was started with.'
      : 'The token is minted by the explorer, with the key that it was started with.',
    audit === undefined
      ? 'Where the call got is what the gateway answered; with --audit it is its audit line.'
      : 'Where the call got, and why, is the audit line of the gateway.',
    'What each step looked at is what the same steps find in the same token with the configuration that was given.',
  ]
}
