import { type ClaimReader, claimReader } from './claim-text.ts'

/** Changes the text of a claim; `undefined` when it cannot. */
type Filter = (text: string) => string | undefined

/** A part of a template: fixed text, or a claim with what is done to it. */
type Part = string | ClaimPart

interface ClaimPart {
  readonly claim: string
  readonly read: ClaimReader
  readonly filters: readonly (readonly [name: string, filter: Filter])[]
  /** What is wrong with the text that the filters give, in words. */
  readonly misfit: (text: string) => string | undefined
}

/** What a template says of a claim that the token lacks. */
export const ABSENT = 'is absent'

/** A text, or why there is none: the name of a claim, and what is wrong with it. */
export type Rendering =
  | { readonly text: string }
  | { readonly claim: string; readonly fault: string }

/** Makes a text of the claims of an identity token. */
export type Template = (claims: unknown) => Rendering

/** One segment of a subject: no slash, so that a claim can never add a level or climb one. */
const SEGMENT = /^(?!\.{1,2}$)[A-Za-z0-9_.-]+$/
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
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
  return compile(text, (value, path) => {
    const parts = path ? value.split('/') : [value]
    if (parts.every((part) => SEGMENT.test(part))) return undefined
    return `is not ${path ? 'segments' : 'one segment'} of A–Z a–z 0–9 . _ -, none of them . or ..`
  })
}

/** Compiles a template of a member of `src`, where any printable text fits. */
export function sourceTemplate(text: string): Template {
  return compile(text, (value) => {
    const at = value.search(UNPRINTABLE)
    if (at < 0) return undefined
    const code = value.codePointAt(at) ?? 0
    const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
    return `holds a character that is not printable, ${code === 9 ? 'a tab' : name}`
  })
}

function compile(
  text: string,
  misfit: (value: string, path: boolean) => string | undefined,
): Template {
  const parts = text.split(/(\{[^{}]*\})/).filter((part) => part !== '')
  const checked = parts.map((part) => compilePart(part, misfit))
  return (claims) => {
    let whole = ''
    for (const part of checked) {
      const piece = typeof part === 'string' ? { text: part } : render(part, claims)
      if (!('text' in piece)) return piece
      whole += piece.text
    }
    return { text: whole }
  }
}

function compilePart(
  part: string,
  misfit: (value: string, path: boolean) => string | undefined,
): Part {
  if (!/^\{[^{}]*\}$/.test(part)) {
    if (/[{}]/.test(part)) throw new TypeError('has a brace without its counterpart')
    return part
  }
  const [claim = '', ...names] = part.slice(1, -1).split('|')
  const path = names.includes('path')
  return {
    claim,
    read: claimReader(claim),
    filters: names.filter((name) => name !== 'path').map((name) => [name, filterOf(name)]),
    misfit: (value) => misfit(value, path),
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

function render({ claim, read, filters, misfit }: ClaimPart, claims: unknown): Rendering {
  let value = read(claims)
  if (value === undefined) return { claim, fault: ABSENT }
  for (const [name, filter] of filters) {
    value = filter(value)
    if (value === undefined) return { claim, fault: `does not fit the filter ${name}` }
  }
  // Last, so that it judges what goes into the token and not what came from the identity token.
  const fault = misfit(value)
  return fault === undefined ? { text: value } : { claim, fault }
}
