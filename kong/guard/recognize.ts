import { GUARD_VERSION, type GuardName } from './guard-name.ts'
import { SOURCES } from './sources.ts'

/** A Lua function of a Kong entity that says it is the guard's. */
export type Recognized =
  | { readonly kind: 'current'; readonly name: GuardName }
  | { readonly kind: 'modified'; readonly name: GuardName }
  | { readonly kind: 'foreign'; readonly version: string; readonly name: string }

/**
 * What a Lua source is to the guard, by its first line; `undefined` when it does not claim to be the
 * guard's. White space at the ends of lines, which tools and editors change, does not count.
 */
export function recognize(source: string): Recognized | undefined {
  const text = trimmed(source)
  const [, version, name] =
    /^--[ \t]*oathmesh-guard[ \t]+(\S+)[ \t]+(\S+)$/m.exec(firstLine(text)) ?? []
  if (version === undefined || name === undefined) return undefined
  if (version !== GUARD_VERSION || !isGuardName(name)) return { kind: 'foreign', version, name }
  return { kind: text === trimmed(SOURCES[name]) ? 'current' : 'modified', name }
}

function isGuardName(name: string): name is GuardName {
  return Object.hasOwn(SOURCES, name)
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}

function trimmed(source: string): string {
  return source
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .join('\n')
    .trim()
}
