import { compileGlob } from '../lib/policy/glob.ts'

/** Callers who may revoke, and lift the revocation of, these subjects. Globs. */
export interface RevocationRule {
  readonly callers: readonly string[]
  readonly subjects: readonly string[]
}

type Fits = (text: string) => boolean

/** Who may do what with the revocation list. Whoever may change it may read it. */
export class RevocationRights {
  readonly #rules: readonly { readonly callers: Fits; readonly subjects: Fits }[]
  readonly #readers: Fits

  constructor(rules: readonly RevocationRule[], readers: readonly string[]) {
    this.#rules = rules.map(({ callers, subjects }) => ({
      callers: anyOf(callers),
      subjects: anyOf(subjects),
    }))
    this.#readers = anyOf(readers)
  }

  mayChange(caller: string, subject: string): boolean {
    return this.#rules.some(({ callers, subjects }) => callers(caller) && subjects(subject))
  }

  mayRead(caller: string): boolean {
    return this.#readers(caller) || this.#rules.some(({ callers }) => callers(caller))
  }
}

function anyOf(globs: readonly string[]): Fits {
  const compiled = globs.map(compileGlob)
  return (text) => compiled.some((fits) => fits(text))
}
