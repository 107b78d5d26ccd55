/** What a text must look like, in the validators of Kong's schema language. Patterns are Lua's. */
type Validators = Readonly<Record<string, unknown>>

const URL_START = '^[Hh][Tt][Tt][Pp][Ss]?://[^/?#@\\%s]+'

/** The mistakes of `hostFault` that a pattern can tell, and what to write instead. */
const NO_HOST = [
  { pattern: '%s', err: 'must be without spaces' },
  { pattern: '://', err: 'must be a host and not a URL' },
  { pattern: '@', err: 'must be without user info' },
  { pattern: '[/\\?#]', err: 'must be a host without a path' },
  { pattern: '[%[%]]', err: 'must be without brackets: write an IPv6 address as ::1' },
  { pattern: '^[^:]*:%d*$', err: 'must be without a port' },
  { pattern: '%.$', err: 'must be without the dot at its end' },
  { pattern: '[^!-~]', err: 'must be in ASCII' },
  { pattern: '%*', err: 'must be one host, without wildcard' },
] as const

/**
 * The values of `x-kong-format`, so that Kong refuses at upload what the plugin would refuse when it
 * starts. Never stricter than the plugin, which checks more than a pattern can.
 */
export const KONG_FORMATS: Readonly<Record<string, Validators>> = {
  host: { match_none: NO_HOST },
  method: {
    match_any: {
      patterns: ['^%*$', "^[A-Z0-9!#$%%&'+.^_`|~-]+$"],
      err: 'must be a method in capitals, or "*"',
    },
  },
  'path-template': {
    match_none: [{ pattern: '[%%;#?\\]', err: 'must be a decoded path, without % ; # ? \\' }],
    match: '^/',
  },
  'policy-file': {
    match_any: {
      patterns: ['^/.*%.json$', '^/.*%.pkl$'],
      err: 'must be an absolute path that ends in .json or .pkl',
    },
  },
  quotable: {
    match_any: {
      patterns: ['^[ !#-Z%[%]^-~]*$'],
      err: 'must be printable ASCII without " and \\',
    },
  },
  url: {
    match_any: {
      patterns: [`${URL_START}$`, `${URL_START}/[^?#\\%s]*$`],
      err: 'must be a URL such as https://host/path, without user info, query and fragment',
    },
  },
}
