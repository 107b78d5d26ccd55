import type { PluginConfig } from './plugin-config.ts'
import { redisFaults } from './redis-faults.ts'
import { urlHostFault } from './url-fault.ts'

/** What RFC 9110 allows inside a quoted string without escaping, ASCII only. */
const QUOTABLE = /^[ !#-[\]-~]*$/

/** The rules that hold between fields, as phrases that each begin with the path of the faulty field. */
export function crossFieldFaults(config: PluginConfig): string[] {
  return [
    ...policyFaults(config),
    ...redisFaults(config.redis),
    ...replayFaults(config),
    ...issuerFaults(config),
    ...bindingFaults(config),
    ...consumerFaults(config),
    ...auditFaults(config),
    ...(QUOTABLE.test(config.realm) ? [] : ['realm: must be printable ASCII without " and \\']),
  ]
}

function policyFaults({ policy: { rules, file, allow_all } }: PluginConfig): string[] {
  const given = [rules !== undefined, file !== undefined, allow_all].filter(Boolean).length
  if (given === 0) return ['policy: one of rules, file, allow_all is required']
  return given === 1 ? [] : ['policy: give only one of rules, file, allow_all']
}

function replayFaults({ replay, redis }: PluginConfig): string[] {
  if (replay.key_format === 'hashed' || redis.cluster_nodes === undefined) return []
  return ['replay.key_format: must be hashed with redis.cluster_nodes']
}

function issuerFaults({ issuers }: PluginConfig): string[] {
  return issuers.flatMap(({ issuer, jwks, jwks_uri }, index) => [
    ...(issuers.findIndex((other) => other.issuer === issuer) < index
      ? [`issuers[${index}].issuer: given twice`]
      : []),
    ...(jwks !== undefined && jwks_uri !== undefined
      ? [`issuers[${index}].jwks: give either jwks or jwks_uri`]
      : []),
    // Where keys are given, `iss` is a name and nothing is fetched from it.
    ...(jwks === undefined ? urlFaults(issuer, jwks_uri, `issuers[${index}]`) : []),
  ])
}

/** The hosts alone: what else a URL must be is checked where it is used. */
function urlFaults(issuer: string, jwksUri: string | undefined, path: string): string[] {
  const fault = urlHostFault(jwksUri ?? issuer)
  if (fault === undefined) return []
  return [`${path}.${jwksUri === undefined ? 'issuer' : 'jwks_uri'}: ${fault}`]
}

function bindingFaults({ request_binding: { mode, required } }: PluginConfig): string[] {
  if (mode !== 'off' || required === 'none') return []
  return ['request_binding.mode: must not be off where request_binding.required is set']
}

function consumerFaults({ consumer, anonymous, enforcement }: PluginConfig): string[] {
  const faults: string[] = []
  if (consumer.by === 'claim' && consumer.claim === undefined) {
    faults.push('consumer.claim: required with by: claim')
  }
  // Without a consumer the next authentication plugin cannot see that this one has succeeded.
  if (anonymous !== undefined && consumer.by === 'off') {
    faults.push('consumer.by: must not be off where anonymous is set')
  }
  if (anonymous !== undefined && enforcement === 'observe') {
    faults.push('enforcement: observe lets every call pass; anonymous has no effect with it')
  }
  return faults
}

function auditFaults({ audit: { sink, file, hmac_key, hmac_key_file } }: PluginConfig): string[] {
  // Kong's workers write its log in an order of their own, which would look like lines moved.
  if (hmac_key !== undefined && sink !== 'file') return ['audit.hmac_key: needs sink file']
  if (hmac_key_file !== undefined && sink !== 'file') {
    return ['audit.hmac_key_file: needs sink file']
  }
  if (hmac_key !== undefined && hmac_key_file !== undefined) {
    return ['audit.hmac_key_file: give either hmac_key or hmac_key_file']
  }
  if (sink === 'file' && file === undefined) return ['audit.file: required with sink file']
  if (sink !== 'file' && file !== undefined) return ['audit.file: has no effect without sink file']
  return []
}
