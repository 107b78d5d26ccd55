import { ConfigFaults } from '../../../schema/config-faults.ts'
import { parseConfig } from '../../../schema/parse-config.ts'
import { toGatewaySettings } from '../../../schema/to-settings.ts'
import { BASE_CONFIG } from '../../../testkit/vectors.ts'
import { type FuzzTarget, holds, holdsFault, text, unlessStated } from '../fuzz-target.ts'

const SECRET = 'planted-secret-of-redis'

/** A configuration of the plugin: refused by the names of its fields without their values, or usable. */
export const configuration: FuzzTarget = {
  name: 'configuration',
  seeds: [
    { ...BASE_CONFIG, __seq__: 1, route_id: null },
    {
      ...BASE_CONFIG,
      replay: { store: 'redis', known_good_window: 0 },
      redis: { host: 'redis.internal', password: SECRET, ssl: true },
      request_binding: { mode: 'strict', required: 'unsafe' },
    },
    { ...BASE_CONFIG, policy: { rules: [{ name: 'a', match: { sub: '*' }, allow: true }] } },
    { ...BASE_CONFIG, audit: { sink: 'file', file: '/tmp/audit' }, consumer: { by: 'subject' } },
  ].map(text),
  dictionary: [
    '\\u001b[2J\\n',
    '"":',
    'null',
    '-1',
    '1e9',
    '""',
    '{}',
    '[]',
    'true',
    '"off"',
    '"redis":',
    '__proto__',
  ],
  check(input) {
    const value = unlessStated(() => JSON.parse(input.toString()) as unknown, SyntaxError)
    try {
      toGatewaySettings(parseConfig(value), 'fuzz')
    } catch (cause) {
      if (!(cause instanceof ConfigFaults)) throw cause
      cause.faults.forEach(holdsFault)
      holds(!cause.message.includes(SECRET), 'the message has the secret')
    }
  },
}
