const BEGIN = '<!-- generated: begin -->'
const END = '<!-- generated: end -->'

/** A page with its generated part brought up to date. Throws when the markers are missing. */
export function regenerate(page: string, part: string): string {
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END)
  if (begin < 0 || end < begin) throw new TypeError('no generated part')
  return `${page.slice(0, begin + BEGIN.length)}\n${part}\n${page.slice(end)}`
}
