import type { Path, Table } from '../entities/kong-document.ts'

/** How to check a file whose values decK has yet to fill in. */
export const RENDER_FIRST =
  'This is a template of decK’s; check what decK will send: deck file render --populate-env-vars FILE | oathmesh kong validate -'

/** Whether the value at this path, or the nearest around it that is there, is such a template. */
export function isTemplate(config: Table, path: Path): boolean {
  let value: unknown = config
  for (const part of path) {
    if (typeof value !== 'object' || value === null) break
    value = (value as Readonly<Record<string | number, unknown>>)[part]
  }
  return typeof value === 'string' && holdsTemplate(value)
}

/** What decK puts in place of `${{ env "DECK_NAME" | toInt }}` before Kong sees the file. */
function holdsTemplate(text: string): boolean {
  const start = text.indexOf('${{')
  return start !== -1 && text.includes('}}', start)
}
