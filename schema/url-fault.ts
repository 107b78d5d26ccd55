import { hostFault } from './host-fault.ts'

/** The parser of URLs repairs what it should refuse, so the text is matched before it sees it. */
const HTTP_URL = /^(https?):\/\/(\[[^\]]*\]|[^/?#\\:@]*)(?::\d{1,5})?(?:[/?][^#\\]*)?$/i
const PRINTABLE_ASCII = /^[\x21-\x7e]*$/

/**
 * What is wrong with the text of a URL that keys are fetched from, and what to write instead. Shows
 * nothing of the text.
 */
export function urlFault(text: string, allowHttp: boolean): string | undefined {
  const kind = allowHttp ? 'http or https URL' : 'https URL (http needs allow_http)'
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(text)) {
    return `must be an ${kind}: write https://host/path`
  }
  if (/^[^/]*\/\/[^/?#]*@/.test(text)) return 'must be without user info'
  if (!PRINTABLE_ASCII.test(text)) return 'must be in printable ASCII without spaces'
  const [, scheme, host] = HTTP_URL.exec(text) ?? []
  if (scheme === undefined || host === undefined || !URL.canParse(text)) {
    return `must be an ${kind} without fragment and backslash`
  }
  if (scheme.toLowerCase() === 'http' && !allowHttp) return `must be an ${kind}`
  return urlHostFault(text)
}

/** What is wrong with the host in a URL; undefined as well where the text is no URL with a host. */
export function urlHostFault(text: string): string | undefined {
  const [, , host] = HTTP_URL.exec(text) ?? []
  if (host === undefined) return undefined
  const fault = hostFault(host.replace(/^\[(.*)\]$/, '$1'))
  return fault && `the host in it ${fault}`
}
