import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { type Dashboard, panelsOf, queriesOf } from '../../testkit/dashboard.ts'

const FOLDER = 'examples/grafana'
const dashboards = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({
    name,
    board: JSON.parse(readFileSync(`${FOLDER}/${name}`, 'utf8')) as Dashboard,
  }))
const queries = dashboards.flatMap(({ name, board }) =>
  queriesOf(board).map((query) => ({ name, ...query })),
)

/** Units as Grafana names them. */
const UNITS = ['short', 's', 'reqps', 'percentunit', 'bytes']
// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana
const DATA_SOURCE = { type: 'prometheus', uid: '${datasource}' }
const VISUALIZATIONS = ['heatmap', 'state-timeline', 'stat', 'table', 'timeseries']

describe('the dashboards', () => {
  test('are one for gateways and one for issuers, each with a name of its own', () => {
    expect(dashboards.map(({ name, board: { uid } }) => [name, uid])).toEqual([
      ['oathmesh-gateway.json', 'oathmesh-gateway'],
      ['oathmesh-issuer.json', 'oathmesh-issuer'],
    ])
  })

  test.each(dashboards)('$name: panels have numbers and places of their own', ({ board }) => {
    expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length)
    const taken = new Set<string>()
    for (const { gridPos } of board.panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(x).toBeLessThan(24)
          expect(taken.has(`${x} ${y}`)).toBe(false)
          taken.add(`${x} ${y}`)
        }
      }
    }
  })

  test.each(dashboards)('$name: rows, and whatever is drawn, ask a question', ({ board }) => {
    for (const { type, title, description } of board.panels) {
      if (type === 'row') continue
      expect(VISUALIZATIONS).toContain(type)
      expect(description).toMatch(/\.$/)
      if (type !== 'stat') expect(title).toMatch(/\?$/)
    }
  })

  test.each(dashboards)('$name: has units that Grafana knows', ({ board }) => {
    for (const { type, fieldConfig } of panelsOf(board)) {
      if (type !== 'heatmap') expect(UNITS).toContain(fieldConfig.defaults.unit)
    }
  })

  test.each(dashboards)('$name: asks the data source that is chosen, and no other', ({ board }) => {
    const named = [...panelsOf(board), ...board.annotations.list]
    expect(named.map(({ datasource }) => datasource)).toEqual(named.map(() => DATA_SOURCE))
    const [first, ...variables] = board.templating.list
    expect(first).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' })
    for (const { datasource } of variables) expect(datasource).toEqual(DATA_SOURCE)
  })

  test.each(queries)('$name, $title: uses variables that there are: $expr', ({ name, expr }) => {
    const board = dashboards.find((one) => one.name === name)?.board
    const known = board?.templating.list.map((variable) => `$${variable.name}`) ?? []
    const used = expr.match(/\$\w+/g) ?? []
    expect(used.filter((one) => !one.startsWith('$__') && !known.includes(one))).toEqual([])
    // Alerts are counted for everything there is.
    if (!expr.includes('ALERTS')) expect(used).toContain('$instance')
  })
})

describe('the provisioning', () => {
  const read = (path: string) =>
    parse(readFileSync(`${FOLDER}/provisioning/${path}`, 'utf8')) as Record<string, unknown>

  test('has a Prometheus, and a folder for the dashboards', () => {
    expect(read('datasources/prometheus.yml')).toMatchObject({
      apiVersion: 1,
      datasources: [{ type: 'prometheus', url: 'http://prometheus:9090' }],
    })
    expect(read('dashboards/oathmesh.yml')).toMatchObject({
      apiVersion: 1,
      providers: [{ type: 'file', options: { path: '/var/lib/grafana/dashboards' } }],
    })
  })

  test('goes by the interval of examples/prometheus', () => {
    const { global } = parse(readFileSync('examples/prometheus/prometheus.yml', 'utf8')) as {
      global: { scrape_interval: string }
    }
    expect(read('datasources/prometheus.yml')).toMatchObject({
      datasources: [{ jsonData: { timeInterval: global.scrape_interval } }],
    })
  })
})

describe('the profile metrics of docker-compose.yml', () => {
  const { services } = parse(readFileSync('docker-compose.yml', 'utf8')) as {
    services: Record<string, Service>
  }
  interface Service {
    readonly profiles?: readonly string[]
    readonly volumes?: readonly string[]
    readonly environment?: Readonly<Record<string, string>>
  }

  test('has a Prometheus and a Grafana that nothing else waits for', () => {
    const profiled = Object.entries(services).filter(([, { profiles }]) => profiles !== undefined)
    expect(profiled.map(([name, { profiles }]) => [name, profiles])).toEqual([
      ['prometheus', ['metrics']],
      ['grafana', ['metrics']],
    ])
  })

  test('mounts what there is', () => {
    const mounted = Object.values(services).flatMap(({ volumes = [] }) => volumes)
    const sources = mounted.map((volume) => volume.split(':')[0] ?? '')
    expect(sources.filter((source) => source.startsWith('.') && !existsSync(source))).toEqual([])
    expect(services['grafana']?.volumes).toEqual([
      './examples/grafana/provisioning:/etc/grafana/provisioning:ro',
      './examples/grafana:/var/lib/grafana/dashboards:ro',
    ])
    expect(services['prometheus']?.volumes).toEqual([
      './kong/docker/prometheus.yml:/etc/prometheus/prometheus.yml:ro',
      './examples/prometheus/rules.yml:/etc/prometheus/rules.yml:ro',
    ])
  })

  test('scrapes what plugin server and issuer serve', () => {
    const config = parse(readFileSync('kong/docker/prometheus.yml', 'utf8')) as ScrapeConfig
    const shipped = parse(
      readFileSync('examples/prometheus/prometheus.yml', 'utf8'),
    ) as ScrapeConfig
    expect(config.global).toEqual(shipped.global)
    expect(config.rule_files).toEqual(shipped.rule_files)
    expect(config.scrape_configs).toEqual([
      { job_name: 'oathmesh-gateway', static_configs: [{ targets: ['kong:9542'] }] },
      { job_name: 'oathmesh-issuer', static_configs: [{ targets: ['issuer:9543'] }] },
    ])
    const [, command = ''] =
      /^pluginserver_oathmesh_start_cmd = (.*)$/m.exec(readFileSync('kong/kong.conf', 'utf8')) ?? []
    expect(services['kong']?.environment?.['KONG_PLUGINSERVER_OATHMESH_START_CMD']).toBe(
      `${command} --metrics 0.0.0.0:9542`,
    )
    expect(parse(readFileSync('kong/docker/issuer.yaml', 'utf8'))).toMatchObject({
      metrics: { listen: '0.0.0.0:9543' },
    })
  })

  interface ScrapeConfig {
    readonly global: object
    readonly rule_files: readonly string[]
    readonly scrape_configs: readonly object[]
  }
})
