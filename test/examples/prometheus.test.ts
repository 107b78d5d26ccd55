import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { isScalar, parse, parseDocument, visit } from 'yaml'
import { alertsOf, type RulesFile, rulesOf } from '../../testkit/prometheus-rules.ts'

const FOLDER = 'examples/prometheus'
const RUNBOOK = 'docs/runbook.md'
const text = readFileSync(`${FOLDER}/rules.yml`, 'utf8')
const rules = rulesOf(parse(text) as RulesFile)
const alerts = alertsOf(parse(text) as RulesFile)

const promtool = (...args: string[]) =>
  execFileSync('promtool', args, { cwd: FOLDER, encoding: 'utf8', stdio: 'pipe' })

/** Anchors of a page's headings, as they are made where Markdown is shown. */
const anchors = readFileSync(RUNBOOK, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('## '))
  .map((line) =>
    line
      .slice(3)
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )

describe('the files for Prometheus', () => {
  test.each([
    ['check', 'rules', 'rules.yml'],
    ['check', 'config', 'prometheus.yml'],
    ['test', 'rules', 'rules.test.yml'],
  ])('satisfy promtool %s %s', (...args) => {
    expect(promtool(...args)).toContain('SUCCESS')
  })

  // promtool takes the name of an alias for the expression, and is content with it.
  test('write every expression out', () => {
    const scalars: boolean[] = []
    visit(parseDocument(text), {
      Pair(_, { key, value }) {
        if (String(key) === 'expr') scalars.push(isScalar(value))
      },
    })
    expect(scalars).toEqual(rules.map(() => true))
  })

  test('have jobs that the rules know by their names', () => {
    const { scrape_configs } = parse(readFileSync(`${FOLDER}/prometheus.yml`, 'utf8')) as {
      scrape_configs: { job_name: string }[]
    }
    expect(scrape_configs.map(({ job_name }) => job_name)).toEqual([
      'oathmesh-gateway',
      'oathmesh-issuer',
      'oathmesh-envoy',
    ])
  })
})

describe('the alerts', () => {
  test.each(alerts)('$alert ($labels.severity) leads into the runbook', ({ annotations }) => {
    const [page, anchor] = (annotations['runbook_url'] ?? '').split('#')
    expect(page).toBe(RUNBOOK)
    expect(anchors).toContain(anchor)
    expect(annotations['summary']).toContain('{{ $labels.instance }}')
  })

  test('leave no heading of the runbook without one', () => {
    const led = new Set(
      alerts.map(({ annotations }) => annotations['runbook_url']?.split('#').at(1)),
    )
    expect(anchors.filter((anchor) => !led.has(anchor))).toEqual([])
  })

  const tested = readFileSync(`${FOLDER}/rules.test.yml`, 'utf8')
  test.each(alerts)('$alert ($labels.severity) fires in rules.test.yml', ({ alert, labels }) => {
    expect(tested).toContain(`{alertname="${alert}", severity="${labels['severity']}"}`)
  })
})
