/** The fields of a configuration that flags stand for. */
const FLAGS: readonly (readonly [field: RegExp, flag: string])[] = [
  [/\baudience\b(?=: )/g, '--audience'],
  [/\bissuers\[(\d+)\]\.(?:issuer|jwks_uri)\b/g, '--issuer'],
  [/\bissuers\[\d+\]\.jwks\b/g, '--jwks'],
  [/\bissuers\b(?=: )/g, '--issuer'],
  [/\bpolicy(?:\.file)?\b(?=: )/g, '--policy'],
  [/\brequest_binding\.mode\b/g, '--bind-mode'],
  [/\b(?:keys\.)?allow_http\b/g, '--allow-http'],
]

/** A fault of a configuration in the words of whoever has given flags: `--issuer: must be https`. */
export function inFlags(fault: string): string {
  return FLAGS.reduce(
    (text, [field, flag]) => text.replace(field, flag),
    fault.replace(/^oathmesh configuration: /, ''),
  )
}
