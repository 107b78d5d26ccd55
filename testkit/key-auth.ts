import { exitAnswer } from '../kong/local-gateway/exit-answer.ts'
import type { NativePlugin } from '../kong/local-gateway/index.ts'

interface KeyCredential {
  readonly id: string
  readonly key: string
}

/** Kong's key-auth, reduced to `apikey` headers, `anonymous` and `hide_credentials`. */
export const keyAuth: NativePlugin = (config, { consumers }) => {
  const { anonymous, hide_credentials: hide, ...others } = config
  if (Object.keys(others).length > 0)
    throw new TypeError(`key-auth: ${Object.keys(others)} unknown`)
  return {
    name: 'key-auth',
    priority: 1250,
    access(exchange) {
      if (anonymous !== undefined && exchange.credential) return
      const key = exchange.headers.get('apikey')?.[0]
      const owner = consumers.find((consumer) =>
        credentialsOf(consumer).some((own) => own.key === key),
      )
      const credential = owner && credentialsOf(owner).find((own) => own.key === key)
      const consumer = owner ?? consumers.find(({ username }) => username === anonymous)
      if (consumer === undefined) {
        exchange.exit = exitAnswer([401, { message: 'Unauthorized' }, {}], exchange.requestId)
        return
      }
      exchange.consumer = consumer
      exchange.credential = credential
      const set = (name: string, value: string | undefined) =>
        value === undefined ? exchange.headers.delete(name) : exchange.headers.set(name, [value])
      set('x-consumer-id', consumer.id)
      set('x-consumer-username', consumer.username)
      set('x-consumer-custom-id', consumer.custom_id)
      set('x-credential-identifier', credential?.id)
      set('x-anonymous-consumer', credential === undefined ? 'true' : undefined)
      if (hide === true) exchange.headers.delete('apikey')
    },
  }
}

/** Kong's acl, reduced to `deny`: the groups of the consumer count, not its name. */
export const acl: NativePlugin = ({ deny, ...others }) => {
  if (Object.keys(others).length > 0) throw new TypeError(`acl: ${Object.keys(others)} unknown`)
  return {
    name: 'acl',
    priority: 950,
    access(exchange) {
      const { consumer, credential, requestId } = exchange
      if (consumer === undefined && credential === undefined) {
        exchange.exit = exitAnswer([401, { message: 'Unauthorized' }, {}], requestId)
        return
      }
      const groups = (consumer?.['acls'] ?? []) as readonly { group: string }[]
      if (!groups.some(({ group }) => (deny as string[]).includes(group))) return
      exchange.exit = exitAnswer(
        [403, { message: 'You cannot consume this service' }, {}],
        requestId,
      )
    },
  }
}

function credentialsOf(consumer: Readonly<Record<string, unknown>>): readonly KeyCredential[] {
  const credentials = (consumer['keyauth_credentials'] ?? []) as readonly { key: string }[]
  return credentials.map(({ key }) => ({ id: `key-of-${String(consumer['username'])}`, key }))
}
