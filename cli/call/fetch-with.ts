import { readFile } from 'node:fs/promises'
import { createSecureContext, rootCertificates } from 'node:tls'
import { Agent, type Dispatcher, ProxyAgent } from 'undici'
import { proxyFrom } from '../../lib/index.ts'
import type { Fetch } from '../../sdk/node/client-ports.ts'
import { InputError } from '../terminal/input-error.ts'
import { unreadable } from '../terminal/read-input.ts'

/**
 * `fetch` through the proxies of the environment, that trusts the authorities of a PEM file, where one is
 * given, besides Node's own.
 */
export async function fetchWith(caFile?: string): Promise<Fetch> {
  const proxyFor = withFaults(() => proxyFrom(process.env))
  const tls =
    caFile === undefined ? {} : { ca: [...rootCertificates, await readAuthorities(caFile)] }
  const direct = caFile === undefined ? undefined : new Agent({ connect: tls })
  const proxies = new Map<string, Dispatcher>()
  return (request) => {
    const proxy = proxyFor(new URL(request.url))?.href
    if (proxy !== undefined && !proxies.has(proxy)) {
      proxies.set(proxy, new ProxyAgent({ uri: proxy, requestTls: tls }))
    }
    const dispatcher = proxy === undefined ? direct : proxies.get(proxy)
    // Node's own fetch is undici's, and takes its agents, which the types of the platform do not say.
    const options: object = dispatcher === undefined ? {} : { dispatcher }
    return fetch(request, options)
  }
}

function withFaults<T>(make: () => T): T {
  try {
    return make()
  } catch (cause) {
    if (cause instanceof TypeError) throw new InputError(cause.message, { cause })
    throw cause
  }
}

async function readAuthorities(file: string): Promise<string> {
  const pem = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw unreadable(file, cause)
  })
  try {
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new TypeError('no certificate')
    createSecureContext({ ca: pem })
    return pem
  } catch (cause) {
    throw new InputError(`${file}: expected certificates in PEM, found none to use`, { cause })
  }
}
