import { type ClaimReader, claimReader } from './claim-text.ts'

/** Changes the text of a claim; `undefined` when it cannot. */
type Filter = (text: string) => string | undefined

/** A part of a template: fixed text, or a claim with what is done to it. */
type Part = string | { readonly read: ClaimReader; readonly filters: readonly Filter[] }

/** Makes a text of the claims of an identity token; `undefined` when a claim is missing or does not fit. */
export type Template = (claims: unknown) => string | undefined

/** One segment of a subject: no slash, so that a claim can never add a level or climb one. */
const SEGMENT = /^(?!\.{1,2}$)[A-Za-z0-9_.-]+$/
const PRINTABLE = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u
const PLAIN_FILTERS: Readonly<Record<string, Filter>> = {
  // Of ASCII alone: Unicode's rules make the Kelvin sign a k, and two names one.
  lower: (text) => text.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase()),
  slug: (text) => text.replace(/[^A-Za-z0-9_.-]+/g, '-').replace(/^-|-$/g, ''),
  escape: (text) =>
    text.replace(/[^A-Za-z0-9.-]/gu, (char) => {
      return Array.from(Buffer.from(char), (byte) => `_${byte.toString(16).padStart(2, '0')}`).join(
        '',
      )
    }),
}

/**
 * Compiles a template of a subject: fixed text and claims in braces, `job://github/{repository|path}`.
 * What a claim gives must be one segment of the subject grammar; with the filter `path`, several that
 * are joined by slashes. Throws `TypeError` with the reason for a text that is no template.
 *
 * Filters stand after the claim, each after a bar: `lower`, of ASCII; `slug` puts a hyphen in place of what the
 * grammar does not know, so that two names may become one; `escape` spells it `_hh`, so that they never
 * do; `before:X` and `after:X` cut at the first X.
 */
export function subjectTemplate(text: string): Template {
  return compile(text, (value, path) =>
    path ? value.split('/').every((part) => SEGMENT.test(part)) : SEGMENT.test(value),
  )
}

/** Compiles a template of a member of `src`, where any printable text fits. */
export function sourceTemplate(text: string): Template {
  return compile(text, (value) => PRINTABLE.test(value))
}

function compile(text: string, fits: (value: string, path: boolean) => boolean): Template {
  const parts = text.split(/(\{[^{}]*\})/).filter((part) => part !== '')
  const checked = parts.map((part) => compilePart(part, fits))
  return (claims) => {
    let whole = ''
    for (const part of checked) {
      const piece = typeof part === 'string' ? part : pieceOf(part, claims)
      if (piece === undefined) return undefined
      whole += piece
    }
    return whole
  }
}

function compilePart(part: string, fits: (value: string, path: boolean) => boolean): Part {
  if (!/^\{[^{}]*\}$/.test(part)) {
    if (/[{}]/.test(part)) throw new TypeError('has a brace without its counterpart')
    return part
  }
  const [name = '', ...names] = part.slice(1, -1).split('|')
  const path = names.includes('path')
  const filters = names.filter((filter) => filter !== 'path').map(filterOf)
  // Last, so that it judges what goes into the subject and not what came from the token.
  return {
    read: claimReader(name),
    filters: [...filters, (value) => (fits(value, path) ? value : undefined)],
  }
}

function filterOf(text: string): Filter {
  const plain = Object.hasOwn(PLAIN_FILTERS, text) ? PLAIN_FILTERS[text] : undefined
  if (plain !== undefined) return plain
  const [, kind, mark] = /^(before|after):(.+)$/s.exec(text) ?? []
  if (mark === undefined) throw new TypeError(`"${text}" is not a filter`)
  return (value) => {
    const at = value.indexOf(mark)
    if (at === -1) return undefined
    return kind === 'before' ? value.slice(0, at) : value.slice(at + mark.length)
  }
}

function pieceOf({ read, filters }: Exclude<Part, string>, claims: unknown): string | undefined {
  let value = read(claims)
  for (const filter of filters) {
    if (value === undefined) return undefined
    value = filter(value)
  }
  return value
}
