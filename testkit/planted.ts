import { randomBytes } from 'node:crypto'

/** Secrets that are put into a system so that its outputs can be searched for them. */
export class Planted {
  readonly #secrets = new Map<string, string>()

  /** A new secret of this name, at least 40 characters long. */
  plant(name: string): string {
    return this.know(name, `planted-${name}-${randomBytes(16).toString('hex')}`)
  }

  /** Takes a secret that was made elsewhere. */
  know(name: string, secret: string): string {
    this.#secrets.set(name, secret)
    return secret
  }

  /** Names of the secrets that a text holds: as they are, or in Base64, Base64url, hex or percent-encoding. */
  foundIn(text: string): readonly string[] {
    return [...this.#secrets].flatMap(([name, secret]) =>
      formsOf(secret).some((form) => text.includes(form)) ? [name] : [],
    )
  }
}

function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  // Within a longer text Base64 begins at any of three places: what stands in the middle is enough.
  const shifted = [0, 1, 2].flatMap((skip) => {
    const whole = bytes.subarray(skip, skip + Math.floor((bytes.length - skip) / 3) * 3)
    return [whole.toString('base64'), whole.toString('base64url')]
  })
  return [secret, bytes.toString('hex'), encodeURIComponent(secret), ...shifted]
}
