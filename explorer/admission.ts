import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** By which the page shows that it was opened by whoever started the explorer. */
export const KEY_HEADER = 'x-explorer-key'

/** Names of this machine by which a browser may have come. */
const NAMES = ['127.0.0.1', 'localhost']

/**
 * Why a request is not answered, or `undefined`. A page of somebody else reaches servers on loopback through the
 * browser: by a name of its own that resolves here (its `Host` is then not ours), or across origins (its `Origin` is
 * then not ours). Other users of this machine reach them directly: what does something wants the key, which only the
 * printed address holds.
 */
export function refusalOf(message: IncomingMessage, port: number, key: string): string | undefined {
  const { headers, method = '', url = '' } = message
  const hosts = NAMES.map((name) => `${name}:${port}`)
  const host = hosts.find((one) => one === headers.host)
  if (host === undefined) return 'Host: expected the address that the explorer has printed'
  const { origin } = headers
  if (origin !== undefined && origin !== `http://${host}`) return 'Origin: not the explorer'
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    return 'Sec-Fetch-Site: not the explorer'
  }
  if (!url.startsWith('/api/')) return undefined
  if (!isKey(headers[KEY_HEADER], key)) {
    return 'The key is missing or wrong: open the address that the explorer has printed'
  }
  if (method === 'GET') return undefined
  if (origin === undefined) return 'Origin: missing'
  return headers['content-type'] === 'application/json' ? undefined : 'Content-Type: expected JSON'
}

function isKey(given: string | string[] | undefined, key: string): boolean {
  if (typeof given !== 'string') return false
  return timingSafeEqual(digest(given), digest(key))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
