import { isIP } from 'node:net'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import pluginSchema from './config.schema.json' with { type: 'json' }
import { faultText } from './fault-text.ts'
import { hostFault } from './host-fault.ts'
import schema from './issuer-config.schema.json' with { type: 'json' }
import type { IssuerConfig, OidcConfig } from './issuer-config.ts'
import policySchema from './policy.schema.json' with { type: 'json' }
import { redisFaults } from './redis-faults.ts'
import { urlFault, urlHostFault } from './url-fault.ts'

/** A configuration with its defaults, or what is wrong with it: phrases that begin with a path. */
export type IssuerConfigReading =
  | { readonly config: IssuerConfig }
  | { readonly faults: readonly string[] }

let validator: ValidateFunction<IssuerConfig> | undefined

/** Checks a parsed issuer configuration and fills in the defaults. Names every faulty field, shows no value. */
export function readIssuerConfig(value: unknown): IssuerConfigReading {
  validator ??= new Ajv2020({ allErrors: true, useDefaults: true, strict: false, verbose: true })
    .addSchema(pluginSchema)
    .addSchema(policySchema)
    .compile<IssuerConfig>(schema)
  const config: unknown = structuredClone(value)
  if (!validator(config)) {
    return { faults: unique((validator.errors ?? []).flatMap((error) => faultText(error) ?? [])) }
  }
  const faults = [...urlFaults(config), ...listenFaults(config), ...otherFaults(config)]
  return faults.length > 0 ? { faults: unique(faults) } : { config }
}

/** Scheme, authority without user info, path that does not end in a slash. */
const PLAIN_URL = /^https?:\/\/[^/?#@\\\s]+(?:\/[^?#\\\s]*[^/?#\\\s])?$/

function urlFaults({ issuer, listen, oidc }: IssuerConfig): readonly string[] {
  return [...issuerFaults(issuer, listen), ...oidc.flatMap(providerFaults)]
}

function issuerFaults(issuer: string, listen: IssuerConfig['listen']): readonly string[] {
  if (!PLAIN_URL.test(issuer) || !URL.canParse(issuer)) {
    return ['issuer: must be a URL without user info, query, fragment or trailing slash']
  }
  const fault = urlHostFault(issuer)
  if (fault !== undefined) return [`issuer: ${fault}`]
  if (issuer.startsWith('https:') || listen.plain_http || isLoopback(listen.host)) return []
  return ['issuer: must be https (http needs listen.plain_http)']
}

function providerFaults(provider: OidcConfig, index: number): readonly string[] {
  const { issuer, jwks_uri, jwks_file, allow_http } = provider
  const field = jwks_uri === undefined ? 'issuer' : 'jwks_uri'
  const url = jwks_uri ?? issuer
  // Where the keys come from a file, `iss` is a name and nothing is fetched from it.
  const fault = jwks_file === undefined ? urlFault(url, allow_http) : undefined
  return fault === undefined ? [] : [`oidc[${index}].${field}: ${fault}`]
}

function listenFaults({ listen: { host, tls, plain_http } }: IssuerConfig): readonly string[] {
  const fault = hostFault(host)
  if (fault !== undefined) {
    return [`listen.host: ${fault}; to listen on every address, write 0.0.0.0 or ::`]
  }
  if (isLoopback(host) || tls !== undefined || plain_http) return []
  return ['listen.tls: required where host is not a loopback address (or set plain_http)']
}

function otherFaults({ oidc, audit, revocation, clients }: IssuerConfig): readonly string[] {
  const faults = oidc.flatMap(({ jwks_uri, jwks_file }, index) =>
    jwks_uri !== undefined && jwks_file !== undefined
      ? [`oidc[${index}].jwks_file: give either jwks_uri or jwks_file`]
      : [],
  )
  if (oidc.length + clients.length === 0) {
    faults.push('clients: nobody could have a token; give clients or oidc')
  }
  if (audit.sink === 'file' && audit.file === undefined) {
    faults.push('audit.file: required with sink file')
  }
  if (audit.sink !== 'file' && audit.file !== undefined) {
    faults.push('audit.file: has no effect without sink file')
  }
  if (revocation.redis !== undefined) {
    faults.push(...redisFaults(revocation.redis, 'revocation.redis'))
  } else if (revocation.admins.length + revocation.readers.length > 0) {
    faults.push('revocation.redis: required with admins or readers')
  }
  return faults
}

function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true
  return isIP(host) === 4 && host.startsWith('127.')
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}
