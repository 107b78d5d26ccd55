import { BlockList, isIP } from 'node:net'

/** The proxy through which a URL is fetched; undefined where it is asked directly. */
export type ProxyFor = (url: URL) => URL | undefined

/** No proxy, whatever the URL. */
export const directly: ProxyFor = () => undefined

/** An environment, as a host reads it. */
export type Environment = Readonly<Record<string, string | undefined>>

const LOOPBACK = /^(?:localhost|.*\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/**
 * What `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say, in capitals or not; the latter go first. `NO_PROXY` has
 * names with all below them, addresses, ranges such as 10.0.0.0/8, each with a port where it has one, and
 * `*`. Loopback is never asked through a proxy. Throws `TypeError` that names the variable and shows nothing of
 * its value.
 */
export function proxyFrom(environment: Environment): ProxyFor {
  const proxies = {
    'https:': proxyOf(environment, 'HTTPS_PROXY'),
    'http:': proxyOf(environment, 'HTTP_PROXY'),
  }
  const exceptions = variable(environment, 'NO_PROXY').split(/[\s,]+/)
  const isExcepted = exceptions.filter((text) => text !== '').map(exception)
  return (url) => {
    const proxy = url.protocol === 'https:' ? proxies['https:'] : proxies['http:']
    if (proxy === undefined || LOOPBACK.test(url.hostname)) return undefined
    return isExcepted.some((excepts) => excepts(url)) ? undefined : proxy
  }
}

function variable(environment: Environment, name: string): string {
  return environment[name.toLowerCase()] || environment[name] || ''
}

function proxyOf(environment: Environment, name: string): URL | undefined {
  const text = variable(environment, name).trim()
  if (text === '') return undefined
  const full = text.includes('://') ? text : `http://${text}`
  const url = URL.canParse(full) ? new URL(full) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw new TypeError(`${name}: must be a URL such as http://proxy.internal:3128`)
  }
  return url
}

function exception(text: string): (url: URL) => boolean {
  if (text === '*') return () => true
  const [, host = text, port] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(text) ?? []
  const isHost = addressTest(host) ?? nameTest(host)
  return (url) => isHost(hostOf(url)) && (port === undefined || port === portOf(url))
}

/** Of an address or a range; undefined for what is neither. */
function addressTest(text: string): ((host: string) => boolean) | undefined {
  const [address = '', bits] = text.replace(/[[\]]/g, '').split('/')
  const version = isIP(address)
  if (version === 0) return undefined
  const length = Number(bits ?? (version === 4 ? 32 : 128))
  if (!Number.isInteger(length) || length < 0 || length > (version === 4 ? 32 : 128))
    return undefined
  const list = new BlockList()
  list.addSubnet(address, length, family(version))
  return (host) => isIP(host) !== 0 && list.check(host, family(isIP(host)))
}

/** A name stands for all below it as well, with or without a dot or `*.` before it. */
function nameTest(text: string): (host: string) => boolean {
  const name = text.toLowerCase().replace(/^\*?\./, '')
  return (host) => host === name || host.endsWith(`.${name}`)
}

function family(version: number): 'ipv4' | 'ipv6' {
  return version === 4 ? 'ipv4' : 'ipv6'
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '')
}

function portOf({ port, protocol }: URL): string {
  return port || (protocol === 'https:' ? '443' : '80')
}
