/** A URL, or whatever stands in for one, without the name and password that may stand before its host. */
export function withoutUserinfo(text: string): string {
  return text.replace(/^([^/?#]*\/\/)[^/?#]*@/, '$1')
}
