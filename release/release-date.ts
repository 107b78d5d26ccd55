/**
 * When a version was released, as the changelog says it: RFC 3339, midnight UTC. Throws `TypeError` for a version that
 * the changelog does not date.
 */
export function releaseDate(changelog: string, version: string): string {
  const heading = `## ${version} (`
  const line = changelog.split('\n').find((one) => one.startsWith(heading))
  const [, date] = /\((\d{4}-\d{2}-\d{2})\)$/.exec(line ?? '') ?? []
  if (date === undefined) {
    throw new TypeError(`docs/changelog.md: expected a heading "${heading}yyyy-mm-dd)"`)
  }
  return `${date}T00:00:00Z`
}
