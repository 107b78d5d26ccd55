/** A PDK call: its method without `kong.`, and its arguments. */
type Call = readonly [method: string, ...args: unknown[]]

export const CONSUMER_ID = '4d5e7c0d-0a40-57eb-bebf-ffe8337d5e4b'

/** Each is a route with an entity of its own that makes these calls. */
export const SCRIPTED_ROUTES: Readonly<
  Record<string, { access?: Call[]; log?: Call[]; show?: boolean }>
> = {
  headers: { access: [['request.get_headers'], ['request.get_headers', 2]] },
  header: { access: ['x-one', 'X_One', 'x-none'].map((name) => ['request.get_header', name]) },
  path: {
    access: [
      ['request.get_path'],
      ['request.get_path_with_query'],
      ['request.get_raw_query'],
      ['request.get_query'],
    ],
  },
  'raw-path': { access: [['request.get_raw_path']] },
  unknown: { access: [['request.get_id']] },
  body: { access: [['request.get_raw_body']] },
  'body-default': { access: [['request.get_raw_body']], show: false },
  'body-up-to': { access: [['request.get_raw_body', 12_000]], show: false },
  'body-any': { access: [['request.get_raw_body', 0]], show: false },
  ids: {
    access: [
      ['nginx.get_var', 'request_id'],
      ['nginx.get_var', 'kong_request_id'],
      ['nginx.get_var', 'nothing'],
      ['nginx.get_var', 'http_x_one'],
    ],
  },
  set: {
    access: [
      [
        'service.request.set_headers',
        {
          'X-List': ['a', 'b'],
          'x-one': [],
          'X-Empty': '',
          'X-Number': 7,
          'X-Text': 'é',
          'X-Break': 'a\r\nb: c',
        },
      ],
      ['service.request.add_header', 'x-two', 'y'],
      ['service.request.clear_header', 'X-Three'],
    ],
  },
  'set-wrong': {
    access: [['service.request.set_headers', { 'x-set': 'before', 'x-wrong': [{ a: 1 }] }]],
  },
  host: { access: [['service.request.set_header', 'host', 'other.example']] },
  consumer: {
    access: [
      ['client.load_consumer', CONSUMER_ID],
      ['client.load_consumer', 'c1', true],
      ['client.load_consumer', 'c2', true],
      ['client.authenticate', { id: 'x' }, { id: 'y' }],
      ['client.get_consumer'],
      ['client.get_credential'],
    ],
  },
  'consumer-wrong': { access: [['client.load_consumer', 'c1']] },
  shared: {
    access: [
      ['ctx.shared.set', 'k', { a: [1] }],
      ['ctx.shared.get', 'k'],
      ['ctx.shared.get', 'none'],
    ],
  },
  exit: {
    access: [
      [
        'response.exit',
        403,
        { why: 'no', list: [] },
        { 'X-Why': ['a', 'b'], 'X-None': [], 'X-Empty': '' },
      ],
    ],
  },
  'exit-text': { access: [['response.exit', 200, 'plain']] },
  'exit-none': { access: [['response.exit', 204]] },
  'exit-wrong': { access: [['response.exit', 'four']] },
  log: {
    access: [
      ['log.set_serialize_value', 'a.b', 1],
      ['client.authenticate', { id: 'c' }, { id: 'jti' }],
    ],
    log: [['log.serialize'], ['response.get_status']],
  },
  'log-request': { log: [['request.get_method']] },
  none: {},
}

/** The routes of a service, each with an entity of its own. */
export function scriptedRoutes(): object[] {
  return Object.entries(SCRIPTED_ROUTES).map(([name, { access = [], log = [], show = true }]) => ({
    name,
    paths: [`/${name}/`],
    strip_path: false,
    plugins: [{ name: 'oathmesh', config: { access: texts(access), log: texts(log), show } }],
  }))
}

function texts(calls: readonly Call[]): string[] {
  return calls.map((call) => JSON.stringify(call))
}
