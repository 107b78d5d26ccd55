type Call = (...args: readonly unknown[]) => Promise<unknown>

interface Kong {
  readonly request: Readonly<Record<string, Call>>
  readonly service: { readonly request: Readonly<Record<string, Call>> }
  readonly client: Readonly<Record<string, Call>>
  readonly router: Readonly<Record<string, Call>>
  readonly nginx: Readonly<Record<string, Call>>
  readonly log: Readonly<Record<string, Call>>
  readonly response: Readonly<Record<string, Call>>
}

const call = (object: Readonly<Record<string, Call>>, name: string, ...args: unknown[]) => {
  const method = object[name]
  if (method === undefined) throw new TypeError(name)
  return method(...args)
}

/** Makes the PDK calls of the recorded exchanges, as the header `x-fault` asks. */
export class RecordedPlugin {
  async access(kong: Kong): Promise<void> {
    const headers = (await call(kong.request, 'get_headers', 1000)) as Record<string, string[]>
    const mode = headers['x-fault']?.[0]
    if (mode === 'all') await all(kong)
    else if (mode === 'body') await body(kong)
    else if (mode === 'pdk') await pdk(kong)
    else if (mode === 'exit') await exit(kong)
    else await set(kong, { 'X-Seen': 'yes', authorization: [], 'x-multi': ['1', '2'] })
  }
}

const set = (kong: Kong, headers: object) => call(kong.service.request, 'set_headers', headers)

async function all(kong: Kong): Promise<void> {
  const [method, path, ip, id, content] = await Promise.all([
    call(kong.request, 'get_method'),
    call(kong.request, 'get_path_with_query'),
    call(kong.client, 'get_forwarded_ip'),
    call(kong.nginx, 'get_var', 'request_id'),
    call(kong.request, 'get_raw_body'),
  ])
  await call(kong.log, 'notice', 'line one')
  const size = String((content as Buffer).length)
  await set(kong, { 'X-M': method, 'X-P': path, 'X-Ip': ip, 'X-Id': id, 'X-Body': size })
}

async function body(kong: Kong): Promise<void> {
  const content = (await call(kong.request, 'get_raw_body', 1_000_000)) as Buffer
  await set(kong, { 'X-Body': String(content.length) })
}

async function pdk(kong: Kong): Promise<void> {
  if ((await call(kong.client, 'get_credential')) !== undefined) throw new Error('a credential')
  const consumer = await call(kong.client, 'load_consumer', 'anon', true)
  if (await call(kong.client, 'load_consumer', 'nobody', true)) throw new Error('a consumer')
  const route = (await call(kong.router, 'get_route')) as { name: string; paths: string[] }
  const service = (await call(kong.router, 'get_service')) as { host: string; port: number }
  if (`${route.name} ${route.paths} ${service.host}:${service.port}` !== 'r /f 127.0.0.1:9099') {
    throw new Error(JSON.stringify([route, service]))
  }
  if ((await call(kong.nginx, 'get_var', 'no_such_var')) !== undefined) throw new Error('a value')
  await call(kong.client, 'authenticate', consumer, { id: 'agent://x' })
  const { id } = (await call(kong.client, 'get_credential')) as { id: string }
  if (id !== 'agent://x') throw new Error(id)
  await call(kong.log, 'set_serialize_value', 'oathmesh', { outcome: 'allow', step: 14 })
  await set(kong, { 'X-A': '[null,55,0,118,85,"",{}]' })
}

async function exit(kong: Kong): Promise<void> {
  await call(kong.log, 'notice', 'about to exit')
  await call(
    kong.response,
    'exit',
    401,
    { error: 'x' },
    {
      'content-type': 'application/json',
      'WWW-Authenticate': 'OathMesh realm="a"',
      'X-List': ['a', 'b'],
    },
  )
}
