import type { Wire } from '../wire.ts'
import { Connection } from './connection.ts'
import { statusQuestion } from './status-question.ts'

const PROTOCOL = 'ProtoBuf:1'

/** The wire that Kong closes by itself: any fault refuses the request, from Kong 3.8 on without a guard. */
export const protobuf: Wire = {
  eventsStayOnTheirConnection: true,
  // An int32 in Kong's messages.
  maxInstanceId: 2 ** 31 - 1,
  // Kong learns that an instance is gone from a closed connection, of which it warns.
  instanceIdleMs: 3_600_000,

  describe(plugins) {
    const Plugins = [...plugins.values()].map(({ info }) => info)
    return `${JSON.stringify({ Protocol: PROTOCOL, Plugins })}\n`
  },

  open(session) {
    const options = { session, status: statusQuestion(session) }
    return { serve: (socket) => new Connection(socket, options) }
  },
}
