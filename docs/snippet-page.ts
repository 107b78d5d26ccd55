import { DIALECTS } from '../kong/snippets/dialects.ts'
import { EXAMPLE_NAMES, SNIPPETS } from '../kong/snippets/snippets.ts'

/** The purposes that stand on the page; the guard is long and has a page of its own. */
export const ON_THE_PAGE: readonly string[] = Object.keys(SNIPPETS).filter(
  (name) => name !== 'guard',
)

/** Every snippet in every dialect. */
export function snippetPage(): string {
  return ON_THE_PAGE.map((purpose) => {
    const snippet = SNIPPETS[purpose]?.(EXAMPLE_NAMES)
    if (snippet === undefined) throw new TypeError(`no snippet ${purpose}`)
    const dialects = Object.values(DIALECTS).map(
      ({ title, language, write }) =>
        `### ${title}: ${purpose}\n\n\`\`\`${language}\n${write(snippet)}\`\`\`\n`,
    )
    return `## ${purpose}\n\n${snippet.about}\n\n${dialects.join('\n')}`
  }).join('\n')
}
