import { type Log, openGateway, Resources } from '../lib/index.ts'
import { silentLog } from '../lib/ports/log.ts'
import { CONSUMER_HEADERS } from '../plugins/oathmesh/consumer-headers.ts'
import { Handler } from '../plugins/oathmesh/handler.ts'
import { OperatorLog } from '../plugins/oathmesh/operator-log.ts'
import { parseConfig } from '../schema/parse-config.ts'
import { readPolicy } from '../schema/read-policy.ts'
import { toGatewaySettings } from '../schema/to-settings.ts'
import { BASE_CONFIG, VECTOR_NOW, VECTOR_START } from './vectors.ts'

/** The plugin for one entity. Changes are made to the configuration of the vectors; `now` is Unix seconds. */
export function pluginHandler(
  changes: object = {},
  operatorLog: Log = silentLog,
  now = VECTOR_NOW,
): Handler {
  const config = parseConfig({ ...BASE_CONFIG, ...changes })
  const log = new OperatorLog(operatorLog)
  const resources = new Resources({
    log,
    readPolicy,
    startedAt: VECTOR_START,
    clock: { now: () => now * 1000 },
  })
  const settings = toGatewaySettings(config, 'entity', CONSUMER_HEADERS)
  return new Handler({ config, gateway: openGateway(settings, resources), log })
}
