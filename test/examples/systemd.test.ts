import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { oathmeshProgram } from '../../cli/program.ts'
import { fakeIo } from '../cli/fake-io.ts'
import { fencedBlocks } from '../docs/fenced-blocks.ts'

const FOLDER = 'examples/systemd'
const units = readdirSync(FOLDER).map((name) => ({ name, lines: linesOf(name) }))
const services = units.filter(({ name }) => name.endsWith('.service'))

/** `Key=value` lines; a unit says nothing in any other form. */
function linesOf(name: string): readonly (readonly [key: string, value: string])[] {
  const text = readFileSync(join(FOLDER, name), 'utf8').split('\n')
  return text
    .filter((line) => line !== '' && !/^[#[]/.test(line))
    .map((line) => {
      const at = line.indexOf('=')
      if (at < 1) throw new TypeError(`${name}: ${line}`)
      return [line.slice(0, at), line.slice(at + 1)] as const
    })
}

describe('the units of systemd', () => {
  test('are the issuer, its rotation with a timer, and the plugin server', () => {
    expect(units.map(({ name }) => name).toSorted()).toEqual([
      'oathmesh-issuer-rotate.service',
      'oathmesh-issuer-rotate.timer',
      'oathmesh-issuer.service',
      'oathmesh-pluginserver.service',
    ])
  })

  test.each(services)('run as somebody without privileges: $name', ({ lines }) => {
    const settings = new Map(lines)
    expect(settings.get('User')).toMatch(/^(?:oathmesh|kong)$/)
    expect(settings.get('CapabilityBoundingSet')).toBe('')
    for (const name of ['NoNewPrivileges', 'PrivateTmp', 'PrivateDevices', 'ProtectHome']) {
      expect([name, settings.get(name)]).toEqual([name, 'yes'])
    }
    expect([settings.get('ProtectSystem'), settings.get('UMask')]).toEqual(['strict', '0077'])
  })

  // Where systemd is not at hand its own reader cannot be asked; the other tests hold in any case.
  const analyzed = spawnSync('systemd-analyze', ['--version']).status === 0 ? test : test.skip

  analyzed('are faultless to systemd itself, and little exposed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'oathmesh-units-'))
    const files = units.map(({ name }) => join(folder, name))
    for (const { name } of units) {
      const text = readFileSync(join(FOLDER, name), 'utf8')
      writeFileSync(join(folder, name), text.replace(/=\/(?:usr\/local|opt)\S+/g, '=/bin/true'))
    }
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', ...files])
    expect([stderr.toString(), status]).toEqual(['', 0])
    for (const file of files.filter((name) => name.endsWith('.service'))) {
      const args = ['security', '--offline=yes', '--threshold=15', file]
      execFileSync('systemd-analyze', args, { stdio: 'pipe' })
    }
    rmSync(folder, { recursive: true })
  })

  test('are quoted in docs/issuer.md as they are', () => {
    const unit = readFileSync(join(FOLDER, 'oathmesh-issuer.service'), 'utf8').split('\n')
    const [extract, ...others] = fencedBlocks('docs/issuer.md', 'ini')
    const lines = (extract?.text ?? '').split('\n').filter((line) => !/^(?:#.*)?$/.test(line))
    expect([others, lines.length]).toEqual([[], 5])
    expect(lines.filter((line) => !unit.includes(line))).toEqual([])
  })

  const commands = services.flatMap(({ lines }) =>
    lines
      .filter(
        ([key, value]) => key.startsWith('Exec') && value.startsWith('/usr/local/bin/oathmesh '),
      )
      .map(([, value]) => value.split(' ').slice(1)),
  )

  test.each(commands)(
    'call a command that there is, with options that it has: %s %s %s',
    (...words) => {
      let command = oathmeshProgram(fakeIo())
      while (words.length > 0) {
        const next = command.commands.find((one) => one.name() === words[0])
        if (next === undefined) break
        command = next
        words.shift()
      }
      const options = words.filter((word) => word.startsWith('--'))
      expect(command.parent).not.toBeNull()
      expect(options.filter((name) => !command.options.some(({ long }) => long === name))).toEqual(
        [],
      )
    },
  )
})
