import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { version } from '../../package.json'

const PAGES = readdirSync('docs')
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`)
const ROOT = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md']

/** Paragraphs, headings, tables and blocks, as blank lines part them. */
function partsOf(page: string): readonly string[] {
  return readFileSync(page, 'utf8')
    .trim()
    .split(/\n{2,}/)
}

function linksOf(text: string): readonly string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  return links.filter((link) => !/^(?:[a-z]+:|#)/.test(link))
}

/** Paths of files and folders between backquotes. */
function namedFiles(text: string): readonly string[] {
  const names = [...text.matchAll(/`([\w.-]+(?:\/[\w.-]+)+\/?)`/g)].map(([, name = '']) => name)
  return names.filter((name) => !name.startsWith('docs/<'))
}

describe.each(PAGES)('%s', (page) => {
  const [title = '', first = '', ...rest] = partsOf(page)

  test('begins with what it is for', () => {
    expect(title).toMatch(/^# \S/)
    expect(first).not.toMatch(/^(?:[#|>-]|```|\d+\.|<!--)/)
    expect(first.length).toBeGreaterThan(50)
  })

  test('ends with what to do next', () => {
    const last = rest.at(-1) ?? ''
    expect(last).toMatch(/^Next: /)
    expect(linksOf(last).length).toBeGreaterThan(0)
  })
})

describe.each([...PAGES, ...ROOT])('%s', (page) => {
  test('links to files and headings that are there', () => {
    const broken = linksOf(readFileSync(page, 'utf8')).filter((link) => {
      const [path = '', heading] = link.split('#')
      const file = path === '' ? page : join(dirname(page), path)
      if (!existsSync(file)) return true
      return heading !== undefined && !headingsOf(file).includes(heading)
    })
    expect(broken).toEqual([])
  })
})

/** As GitHub names them in a link. */
function headingsOf(file: string): readonly string[] {
  const lines = readFileSync(file, 'utf8').match(/^#+ .*$/gm) ?? []
  return lines.map((line) =>
    line
      .replace(/^#+ /, '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

describe('docs/README.md', () => {
  const text = readFileSync('docs/README.md', 'utf8')

  test('leads three readers to every page', () => {
    expect(text.match(/^## You /gm)).toHaveLength(3)
    const linked = new Set(linksOf(text).map((link) => join('docs', link)))
    const others = PAGES.filter((page) => page !== 'docs/README.md')
    expect(others.filter((page) => !linked.has(page))).toEqual([])
  })

  test('explains words that are in use, in order', () => {
    const words = [...text.matchAll(/^\| ([\w -]+)[^|]*\| .+ \|$/gm)].map(([, word = '']) => word)
    const listed = words.filter((word) => !/^(?:Word|-+)/.test(word)).map((word) => word.trim())
    expect(listed.length).toBeGreaterThan(20)
    expect(listed).toEqual(listed.toSorted((a, b) => a.localeCompare(b)))
  })
})

describe('SECURITY.md', () => {
  const text = readFileSync('SECURITY.md', 'utf8')

  test('has ten files for an auditor to read, short enough for an afternoon', () => {
    const files = [...text.matchAll(/^\d+\. \[(\S+)\]\((\S+)\): \S/gm)]
    expect(files).toHaveLength(10)
    for (const [, shown, link] of files) expect(shown).toBe(link)
    const lines = files.map(([, file = '']) => readFileSync(file, 'utf8').split('\n').length)
    expect(lines.reduce((sum, count) => sum + count)).toBeLessThan(1000)
  })

  test('supports this version, and names tests that there are', () => {
    expect(text).toContain(`| ${version.replace(/\d+$/, 'x')} | yes |`)
    const named = namedFiles(text)
    expect(named.length).toBeGreaterThan(4)
    expect(named.filter((file) => !existsSync(file))).toEqual([])
  })
})

describe('CONTRIBUTING.md', () => {
  const text = readFileSync('CONTRIBUTING.md', 'utf8')
  const [, questions = ''] = /^## How do I add …$([\s\S]*?)^## /m.exec(text) ?? []
  const answers = questions.trim().split(/\n\n(?=\*\*)/)

  test.each(['field', 'reason', 'check', 'PDK', 'secret', 'package', 'page'])(
    'says how to add a %s',
    (word) => {
      expect(answers.filter((answer) => answer.split('?')[0]?.includes(word))).toHaveLength(1)
    },
  )

  test.each(answers.map((answer) => [answer.split('**')[1] ?? '', answer]))(
    'names files that there are: %s',
    (_, answer) => {
      const named = namedFiles(answer).filter((name) => !name.includes('<'))
      expect(named.length).toBeGreaterThan(0)
      expect(named.filter((file) => !existsSync(file))).toEqual([])
    },
  )
})
