import type { Wire } from '../wire.ts'
import { allMethods } from './all-methods.ts'
import { Connection } from './connection.ts'
import { dispatcher } from './dispatcher.ts'
import { EventTable } from './event-table.ts'

/** MessagePack-RPC, as Kong has spoken it with JavaScript and Python plugin servers since 2.x. */
export const msgpack: Wire = {
  eventsStayOnTheirConnection: false,
  maxInstanceId: 2 ** 48,
  // As the stock server does.
  instanceIdleMs: 60_000,

  describe: (plugins) => `${JSON.stringify([...plugins.values()].map(({ info }) => info))}\n`,

  open(session) {
    const { log, limits, events, onRefusal } = session
    const dispatch = dispatcher(allMethods({ ...session, turns: new EventTable(events) }))
    const options = {
      maxFrameBytes: limits.maxFrameBytes,
      phaseTimeoutMs: limits.phaseTimeoutMs,
      log,
      onRefusal,
      dispatch: limits.verbose ? loudly : dispatch,
    }
    return { serve: (socket) => new Connection(socket, options) }

    function loudly(...[request, reply]: Parameters<typeof dispatch>): void {
      log.info('call', { method: request.method, message: request.messageId })
      dispatch(request, reply)
    }
  },
}
