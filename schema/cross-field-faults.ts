import type { PluginConfig } from './plugin-config.ts'

/** What RFC 9110 allows inside a quoted string without escaping, ASCII only. */
const QUOTABLE = /^[ !#-[\]-~]*$/

/** The rules that hold between fields, as phrases that each begin with the path of the faulty field. */
export function crossFieldFaults(config: PluginConfig): string[] {
  return [
    ...policyFaults(config),
    ...issuerFaults(config),
    ...bindingFaults(config),
    ...auditFaults(config),
    ...(QUOTABLE.test(config.realm) ? [] : ['realm: must be printable ASCII without " and \\']),
  ]
}

function policyFaults({ policy: { rules, allow_all } }: PluginConfig): string[] {
  if (rules !== undefined && allow_all) return ['policy: give either rules or allow_all']
  if (rules === undefined && !allow_all) return ['policy: one of rules, allow_all is required']
  return []
}

function issuerFaults({ issuers }: PluginConfig): string[] {
  return issuers.flatMap(({ issuer, jwks, jwks_uri }, index) => [
    ...(issuers.findIndex((other) => other.issuer === issuer) < index
      ? [`issuers[${index}].issuer: given twice`]
      : []),
    ...(jwks !== undefined && jwks_uri !== undefined
      ? [`issuers[${index}].jwks: give either jwks or jwks_uri`]
      : []),
  ])
}

function bindingFaults({ request_binding: { mode, required } }: PluginConfig): string[] {
  if (mode !== 'off' || required === 'none') return []
  return ['request_binding.mode: must not be off where request_binding.required is set']
}

function auditFaults({ audit: { sink, file } }: PluginConfig): string[] {
  if (sink === 'file' && file === undefined) return ['audit.file: required with sink file']
  if (sink !== 'file' && file !== undefined) return ['audit.file: has no effect without sink file']
  return []
}
