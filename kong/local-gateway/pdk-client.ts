import type { Consumer } from './entities.ts'
import type { Exchange } from './exchange.ts'
import { LuaError } from './lua-error.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** `kong.client.load_consumer(idOrUsername, byUsername)`. */
export function loadConsumer(
  consumers: readonly Consumer[],
  key: unknown,
  byUsername: unknown,
): Consumer | undefined {
  if (typeof key !== 'string') throw new LuaError('consumer_id must be a string')
  const isId = UUID.test(key)
  if (!isId && byUsername !== true) throw new LuaError('consumer_id is not a uuid')
  const byId = isId ? consumers.find(({ id }) => id === key) : undefined
  if (byId !== undefined || byUsername !== true) return byId
  return consumers.find(({ username }) => username === key)
}

/** `kong.client.authenticate(consumer, credential)`: recorded, and nothing else. */
export function authenticate(exchange: Exchange, consumer: unknown, credential: unknown): void {
  if (!isTableOrNil(consumer) || !isTableOrNil(credential)) {
    throw new LuaError('consumer and credential must be a table or nil')
  }
  if (isNil(consumer) && isNil(credential)) {
    throw new LuaError('either credential or consumer must be provided')
  }
  exchange.consumer = isNil(consumer) ? undefined : (consumer as Consumer)
  exchange.credential = isNil(credential) ? undefined : credential
}

function isNil(value: unknown): boolean {
  return value === null || value === undefined
}

function isTableOrNil(value: unknown): boolean {
  return isNil(value) || typeof value === 'object'
}
