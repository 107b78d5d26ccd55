import { stringify } from 'yaml'
import { readDeclarativeConfig } from '../../../kong/local-gateway/declarative-config.ts'

const read = (entities: object) =>
  readDeclarativeConfig(stringify({ _format_version: '3.0', ...entities }))

const UP = { name: 'up', url: 'http://127.0.0.1:9000/base' }

describe('a declarative configuration', () => {
  // As lyaml reads it.
  test('is YAML 1.1 with dates as strings', () => {
    const text = `_format_version: "3.0"
services: [{ name: up, url: "http://127.0.0.1:9000", routes: [{ paths: [/] }] }]
plugins: [{ name: other, config: { a: off, b: "off", c: On, d: 2026-01-01, e: 012, f: 1_000 } }]`
    const [plugin] = readDeclarativeConfig(text).plugins
    expect(plugin?.config).toEqual({ a: false, b: 'off', c: true, d: '2026-01-01', e: 10, f: 1000 })
  })

  test('knows services by URL or by parts', () => {
    const parts = { name: 'parts', host: 'up.example', path: '/base', tags: ['a'] }
    const { routes } = read({
      services: [
        { ...UP, routes: [{ paths: ['/a'] }] },
        { ...parts, routes: [{ paths: ['/b'] }] },
      ],
    })
    expect(routes.map(({ service: { host, port, path } }) => [host, port, path])).toEqual([
      ['127.0.0.1', 9000, '/base'],
      ['up.example', 80, '/base'],
    ])
  })

  test.each(['up', { name: 'up' }, { id: 'e0f1a2b3-0000-4000-8000-000000000001' }])(
    'knows a service by %j',
    (service) => {
      const id = 'e0f1a2b3-0000-4000-8000-000000000001'
      const { routes, plugins } = read({
        services: [{ ...UP, id }],
        routes: [{ name: 'r', paths: ['/'], service }],
        plugins: [
          { name: 'oathmesh', service },
          { name: 'oathmesh', route: 'r' },
          { name: 'other' },
        ],
      })
      expect(routes[0]?.service.entity.id).toBe(id)
      const scopes = plugins.map(({ routeId, serviceId }) => [routeId, serviceId])
      expect(scopes).toEqual([
        [undefined, id],
        [routes[0]?.entity.id, undefined],
        [undefined, undefined],
      ])
    },
  )

  test('gives entities the same ids at every start, and different ones', () => {
    const entities = { services: [{ ...UP, routes: [{ paths: ['/a'] }, { paths: ['/b'] }] }] }
    const ids = () => read(entities).routes.map(({ entity: { id } }) => id)
    expect(ids()).toEqual(ids())
    expect(new Set(ids()).size).toBe(2)
    expect(ids()[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  test('leaves out what is switched off', () => {
    const off = { enabled: false }
    const { routes, plugins } = read({
      services: [
        { ...UP, ...off, routes: [{ paths: ['/a'] }] },
        { ...UP, name: 'on', routes: [{ paths: ['/b'], plugins: [{ name: 'oathmesh', ...off }] }] },
      ],
    })
    expect(routes.map(({ paths }) => paths)).toEqual([['/b']])
    expect(plugins).toEqual([])
  })

  test.each([
    [
      'a route of no service',
      { routes: [{ name: 'r', service: 'x' }] },
      'route r: no such service',
    ],
    [
      'a plugin of no service',
      { plugins: [{ name: 'p', service: 'x' }] },
      'plugin p: no such service',
    ],
    [
      'a plugin of no route',
      { plugins: [{ name: 'p', route: { name: 'x' } }] },
      'plugin p: no such route',
    ],
    [
      'a plugin of a consumer group',
      { plugins: [{ name: 'p', consumer_group: 'g' }] },
      'plugin p: plugins of a consumer group',
    ],
    [
      'a TLS upstream',
      { services: [{ name: 's', url: 'https://up' }] },
      'service s: needs protocol http',
    ],
    [
      'a service without a host',
      { services: [{ name: 's' }] },
      'service s: needs protocol http, a host',
    ],
    [
      'a regular expression',
      { services: [{ ...UP, routes: [{ name: 'r', paths: ['~/a$'] }] }] },
      'route r: only path prefixes',
    ],
    [
      'a wild card',
      { services: [{ ...UP, routes: [{ name: 'r', hosts: ['*.example'] }] }] },
      'route r: only path prefixes',
    ],
    [
      'a route for TLS only',
      { services: [{ ...UP, routes: [{ name: 'r', protocols: ['https'] }] }] },
      'route r: only protocol http',
    ],
    ['a list that is none', { services: { up: UP } }, 'services: expected an array'],
    ['an entry that is none', { services: ['up'] }, 'not a services'],
    [
      'a configuration that is none',
      { plugins: [{ name: 'p', config: [] }] },
      'not a configuration of plugin p',
    ],
  ])('is refused with %s', (_, entities, message) => {
    expect(() => read(entities)).toThrow(message)
  })

  test.each(['', 'services: []', '- a'])('is not: %j', (text) => {
    expect(() => readDeclarativeConfig(text)).toThrow(TypeError)
  })
})
