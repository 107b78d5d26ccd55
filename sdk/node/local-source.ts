import { randomUUID } from 'node:crypto'
import type { Clock } from '../../lib/ports/clock.ts'
import { mint, type SigningKey } from '../../lib/token/mint.ts'
import { isSubject } from '../../lib/token/subject.ts'
import { MintError } from './mint-error.ts'
import type { MintedToken, TokenRequest, TokenSource } from './token-source.ts'

interface LocalSourceOptions {
  /** `iss` of every token. */
  readonly issuer: string
  readonly key: SigningKey
  readonly clock: Clock
}

/** Signs tokens in this process: no network, and whoever runs it can name any subject. */
export class LocalSource implements TokenSource {
  readonly #options: LocalSourceOptions

  constructor(options: LocalSourceOptions) {
    this.#options = options
  }

  async mint(request: TokenRequest): Promise<MintedToken> {
    const { issuer, key, clock } = this.#options
    const { subject, audience, action, ttlSeconds, scope, reason, env, tenant } = request
    if (subject === undefined || !isSubject(subject)) {
      throw new MintError('refused', 'the subject is not of the form scheme://name')
    }
    const iat = Math.floor(clock.now() / 1000)
    const claims = {
      iss: issuer,
      sub: subject,
      aud: audience,
      act: action,
      iat,
      exp: iat + ttlSeconds,
      jti: randomUUID(),
      ...(scope !== undefined && { scope }),
      ...(reason !== undefined && { reason }),
      ...(request.source !== undefined && { src: request.source }),
      ...(env !== undefined && { env }),
      ...(tenant !== undefined && { tenant }),
      ...(request.requestHash !== undefined && { rqh: request.requestHash }),
    }
    return { token: mint(claims, key), expiresAt: claims.exp * 1000 }
  }
}
