import { readFileSync } from 'node:fs'
import { errorMessage } from '../error-message.ts'
import { readSecretFile } from '../secret-file.ts'
import type { RedisSettings } from './redis-settings.ts'

/** Settings with what their files hold: nothing more is read to connect. */
export interface ReadRedisSettings extends RedisSettings {
  /** The authorities of `caFile`, PEM. */
  readonly ca?: string
}

/**
 * The settings, with passwords and authorities as the files hold them now. Throws `TypeError` with the field for a
 * file that cannot be read.
 */
export function readRedisFiles(settings: RedisSettings): ReadRedisSettings {
  const { caFile, passwordFile, sentinelPasswordFile } = settings
  return {
    ...settings,
    ...(passwordFile !== undefined && {
      password: readSecretFile(passwordFile, 'redis.password_file').toString('utf8'),
    }),
    ...(sentinelPasswordFile !== undefined && {
      sentinelPassword: readSecretFile(
        sentinelPasswordFile,
        'redis.sentinel_password_file',
      ).toString('utf8'),
    }),
    ...(caFile !== undefined && { ca: readAuthorities(caFile) }),
  }
}

function readAuthorities(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new TypeError(`redis.ca_file: ${errorMessage(cause)}`, { cause })
  }
}
