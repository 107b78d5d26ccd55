/** The headers of a request: names in lower case, every value of a repeated header in order of arrival. */
export type HeaderLists = Readonly<Record<string, readonly string[]>>

export function valuesOf(headers: HeaderLists, name: string): readonly string[] {
  return Object.hasOwn(headers, name) ? (headers[name] ?? []) : []
}
