import type { CallContext } from '../../lib/index.ts'
import type { Kong } from './kong.ts'

/** Who asked, for the answer to a refused call and its audit line: two round trips. */
export async function refusalContext(kong: Kong): Promise<CallContext> {
  return {
    requestId: text(await requestId(kong)),
    clientAddress: text(await kong.client.get_forwarded_ip()),
  }
}

/** All that Kong knows about a call: six round trips. */
export async function fullContext(kong: Kong): Promise<CallContext> {
  const { requestId, clientAddress } = await refusalContext(kong)
  const method = await kong.request.get_method()
  const target = await kong.request.get_path_with_query()
  const route = await kong.router.get_route()
  const service = await kong.router.get_service()
  return {
    requestId,
    clientAddress,
    method,
    // Queries carry secrets often enough to stay out of logs.
    path: target.split('?', 1)[0],
    route: route?.name ?? route?.id,
    service: service?.name ?? service?.id,
  }
}

/** The id of `X-Kong-Request-Id` and of Kong's own logs. Before 3.5 Kong has nginx's alone. */
async function requestId(kong: Kong): Promise<string | null | undefined> {
  return (await kong.nginx.get_var('kong_request_id')) ?? kong.nginx.get_var('request_id')
}

function text(value: string | null | undefined): string | undefined {
  return value ?? undefined
}
