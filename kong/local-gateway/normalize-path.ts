/** RFC 3986 reserved characters and `%`: their escapes stay, in upper case. */
const RESERVED = new Set("!*'();:@&=+$,/?%#[]")

/**
 * The path Kong routes by: escapes of anything but reserved characters decoded, slashes merged, dot
 * segments removed. In and out one character is one byte.
 */
export function normalizePath(rawPath: string): string {
  if (!/[%.]|\/\//.test(rawPath)) return rawPath
  const path = rawPath.replace(/%[0-9a-f]{2}/gi, decoded)
  const kept: string[] = []
  const segments = path
    .replace(/\/{2,}/g, '/')
    .split('/')
    .slice(1)
  segments.forEach((segment, index) => {
    const isLast = index === segments.length - 1
    if (segment === '..') kept.pop()
    else if (segment !== '.') kept.push(segment)
    if (isLast && (segment === '..' || segment === '.')) kept.push('')
  })
  return `/${kept.join('/')}`
}

function decoded(triplet: string): string {
  const byte = String.fromCharCode(Number.parseInt(triplet.slice(1), 16))
  return RESERVED.has(byte) ? triplet.toUpperCase() : byte
}
