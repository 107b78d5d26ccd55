/** Kong's normalised path: percent-decoded, dot segments and doubled slashes removed. */
export function normalizePath(rawPath: string): string {
  const kept: string[] = []
  const segments = decode(rawPath).split('/').slice(1)
  segments.forEach((segment, index) => {
    const last = index === segments.length - 1
    if (segment === '..') kept.pop()
    else if (segment !== '.' && (segment !== '' || last)) kept.push(segment)
    if (last && (segment === '..' || segment === '.')) kept.push('')
  })
  return `/${kept.join('/')}`
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
