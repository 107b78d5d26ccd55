import type { GuardName } from './guard-name.ts'

const NAMES: readonly GuardName[] = [
  'global-access-first',
  'global-access-last',
  'scoped-access-first',
  'scoped-access-last',
  'closed-access-last',
]

/**
 * The text of `sources.ts`: the Lua files as a module, so that a bundle needs no files beside it.
 * Throws for Lua that a template literal would change.
 */
export function sourcesModule(readLua: (name: GuardName) => string): string {
  const entries = NAMES.map((name) => {
    const lua = readLua(name)
    if (/[\\`]|\$\{/.test(lua)) throw new RangeError(`${name}.lua: contains \\, \` or \${`)
    return `  '${name}': \`${lua}\`,\n`
  })
  return `import type { GuardName } from './guard-name.ts'

/** Generated from the Lua files beside this one: \`npm run generate\`. */
export const SOURCES: Readonly<Record<GuardName, string>> = {
${entries.join('')}}
`
}
