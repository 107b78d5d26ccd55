/** Of nginx 1.25.3, by its own table. */
const UNIQUE: readonly string[] = [
  'authorization',
  'content-length',
  'content-range',
  'expect',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'transfer-encoding',
]

/** Whether a header stands twice that may not: nginx answers 400, before any plugin. Names and values in turn. */
export function repeatsUnique(rawHeaders: readonly string[]): boolean {
  const names = rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase())
  return names.some((name, at) => UNIQUE.includes(name) && names.indexOf(name) !== at)
}
