import { readFile } from 'node:fs/promises'
import { createSecureContext, rootCertificates } from 'node:tls'
import { Agent } from 'undici'
import type { Fetch } from '../../sdk/node/client-ports.ts'
import { InputError } from '../terminal/input-error.ts'
import { unreadable } from '../terminal/read-input.ts'

/** `fetch` that trusts the authorities of a PEM file besides Node's own. */
export async function fetchWith(caFile: string | undefined): Promise<Fetch> {
  if (caFile === undefined) return (request) => fetch(request)
  const ca = [...rootCertificates, await readAuthorities(caFile)]
  // Node's own fetch is undici's, and takes its agents, which the types of the platform do not say.
  const options: object = { dispatcher: new Agent({ connect: { ca } }) }
  return (request) => fetch(request, options)
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
