/** A request went out and no answer came back: whether the service has done it, nobody knows. */
export class LostAnswer extends Error {
  constructor(cause: unknown) {
    super('the answer is lost', { cause })
    this.name = 'LostAnswer'
  }

  /** What `fetch` would have thrown. */
  static unwrap(thrown: unknown): never {
    throw thrown instanceof LostAnswer ? thrown.cause : thrown
  }
}
