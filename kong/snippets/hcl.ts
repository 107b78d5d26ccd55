/** A JSON value as an expression of HCL; what follows the first line begins with `indent`. */
export function hcl(value: unknown, indent = ''): string {
  if (typeof value === 'string') return text(value)
  if (typeof value !== 'object' || value === null) return String(value)
  const deeper = `${indent}  `
  if (Array.isArray(value)) {
    if (value.every((each) => typeof each !== 'object'))
      return `[${value.map((v) => hcl(v)).join(', ')}]`
    return `[\n${value.map((each) => `${deeper}${hcl(each, deeper)},\n`).join('')}${indent}]`
  }
  const entries = Object.entries(value).map(
    ([name, each]) => [key(name), hcl(each, deeper)] as const,
  )
  return entries.length === 0 ? '{}' : `{\n${attributes(entries, deeper)}${indent}}`
}

/** Attributes one below the other, aligned where they stand on one line, as `terraform fmt` has them. */
export function attributes(
  entries: readonly (readonly [name: string, expression: string])[],
  indent: string,
): string {
  return entries
    .map(([name, expression], at) => {
      const width = Math.max(...groupAt(entries, at).map(([own]) => own.length))
      return `${indent}${name.padEnd(width)} = ${expression}\n`
    })
    .join('')
}

/** The neighbours on one line each; one that has several stands alone. */
function groupAt<T extends readonly [string, string]>(
  entries: readonly T[],
  at: number,
): readonly T[] {
  const isLong = (place: number) => entries[place]?.[1].includes('\n') ?? true
  if (isLong(at)) return entries.slice(at, at + 1)
  let [begin, end] = [at, at + 1]
  while (!isLong(begin - 1)) begin -= 1
  while (!isLong(end)) end += 1
  return entries.slice(begin, end)
}

function key(name: string): string {
  return /^[A-Za-z_][\w-]*$/.test(name) ? name : text(name)
}

/** The escapes of JSON are HCL's as well; what would begin a template is doubled. */
function text(value: string): string {
  return JSON.stringify(value).replaceAll(/[$%](?=\{)/g, '$&$&')
}
