import type { RedisSettings } from '../../lib/index.ts'
import { InputError } from '../terminal/input-error.ts'

const TIMEOUT_MS = 5000

/**
 * Redis settings from `redis://user@host:port/database`; `rediss` is with TLS. A password comes beside
 * the URL, since a command line is no place for one. Throws `InputError` that does not repeat the URL.
 */
export function redisSettingsOf(text: string, password: string | undefined): RedisSettings {
  const url = URL.canParse(text) && isDecodable(text) ? new URL(text) : undefined
  const [, database] = /^\/?(\d{0,4})$/.exec(url?.pathname ?? '') ?? []
  if (url === undefined || !/^rediss?:$/.test(url.protocol) || database === undefined) {
    throw new InputError('--redis: must be redis://host:port/database or rediss://…')
  }
  const secret = password ?? (url.password === '' ? undefined : decodeURIComponent(url.password))
  return {
    host: url.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1',
    port: Number(url.port || 6379),
    database: Number(database || 0),
    ssl: url.protocol === 'rediss:',
    sslVerify: true,
    timeoutMs: TIMEOUT_MS,
    connectTimeoutMs: TIMEOUT_MS,
    ...(url.username !== '' && { username: decodeURIComponent(url.username) }),
    ...(secret !== undefined && { password: secret }),
  }
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
