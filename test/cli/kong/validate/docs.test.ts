import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { REFERENCEABLE } from '../../../../cli/kong/validate/field-schema.ts'
import { inProcess } from '../execute.ts'

const pages = ['docs/deploy.md', 'docs/konnect.md', 'SECURITY.md']

describe.each(pages)('%s', (page) => {
  const text = readFileSync(page, 'utf8')
  const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link)

  test('links to files that are there', () => {
    for (const link of links)
      expect([link, existsSync(join(dirname(page), link))]).toEqual([link, true])
  })

  test('has commands that the command line knows', async () => {
    for (const [command] of text.matchAll(/oathmesh kong [a-z][^`|>#\n]*/g)) {
      const args = command.trim().split(' ').slice(1)
      const ran = await inProcess({ args, stdin: 'kong/kong.yml' }, '.')
      expect([command, ran.exitCode, ran.stderr]).toEqual([command, 0, ''])
    }
  })

  test('builds on images of a version, or of a digest', () => {
    for (const [, image] of text.matchAll(/KONG_IMAGE=(\S+)/g))
      expect(image).toMatch(/:\d+\.\d+\.\d|@sha256:/)
  })
})

test('docs/deploy.md lists the fields that take vault references', () => {
  const text = readFileSync('docs/deploy.md', 'utf8')
  const [sentence = ''] = /`\{vault:\/\/…\}` is taken.*?Anywhere/s.exec(text) ?? []
  const listed = [...sentence.matchAll(/`([a-z_]+(?:\.[a-z_]+)+)`/g)].map(([, field]) => field)
  expect(listed.sort()).toEqual([...REFERENCEABLE].sort())
})
