import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { fencedBlocks } from '../docs/fenced-blocks.ts'
import { ExplorerPage, startBrowser } from './explorer-page.ts'

const CONTRAST = readFileSync(join(__dirname, 'browser-probe.js'), 'utf8')

/** The demo as a person starts it, real parts behind it, and a real browser. */
let demo: ChildProcess
let browser: Browser
let url = ''
let explorer: ExplorerPage

beforeAll(async () => {
  const [block] = fencedBlocks('docs/explorer.md', 'sh')
  expect(block?.text.trim()).toBe('npm run demo -- --explore')
  demo = spawn('node_modules/.bin/tsx', ['demo/main.ts', '--explore'])
  url = await addressOf(demo)
  browser = await startBrowser()
  explorer = await ExplorerPage.open(browser, url)
}, 60_000)

afterAll(async () => {
  await browser?.close()
  demo?.kill('SIGTERM')
  if (demo?.exitCode === null) await once(demo, 'exit')
})

describe('behind Kong', () => {
  test('a call passes all fourteen steps, and the upstream knows who called', async () => {
    await explorer.play('Mint and send')
    expect(await explorer.status()).toContain('Allowed: all 14 steps passed')
    expect(await explorer.steps('passed')).toHaveLength(14)
    expect(await explorer.steps('passed')).toContainEqual(
      expect.stringMatching(/^Step 13 revocation, replay passed .*first use of this token id/i),
    )
    const upstream = await explorer.panel('Headers the upstream got')
    expect(upstream).toMatch(/x-oathmesh-subject\s+agent:\/\/ci\/deploy-bot/)
    expect(upstream).toMatch(/Authorization\s+removed by the gateway/)
    expect(await explorer.panel('Audit line')).toMatch(/event\s+allow/)
    expect(await explorer.panel('Token')).toContain('"act": "inventory.write"')
  })

  // biome-ignore format: reads as a table
  test.each([
    ['Replay',        13, 'jti_replay',               'The token has been used before.'],
    ['Tampering',      6, 'bad_signature',            'The signature does not verify.'],
    ['Clock skew',     9, 'issued_in_future',         'The token was issued in the future.'],
    ['Policy denial', 14, 'policy:default',           'Policy does not allow this call.'],
    ['Dead Redis',    13, 'replay_store_unavailable', 'The token cannot be checked for replay now.'],
  ])('%s is refused at step %i: %s', async (play, step, reason, message) => {
    await explorer.play(play)
    expect(await explorer.status()).toContain(`Refused at step ${step}. ${message}`)
    const refused = await explorer.steps('refused')
    expect(refused).toEqual([expect.stringMatching(new RegExp(`^Step ${step} .*${reason}`))])
    expect(await explorer.panel('Audit line')).toMatch(new RegExp(`reason\\s+${reason}`))
    expect(await explorer.panel('Headers the upstream got')).toContain('did not get there')
  })

  test('a dead plugin server decides nothing, and lets nothing through', async () => {
    await explorer.play('Dead plugin server')
    expect(await explorer.status()).toContain('Refused by Kong itself: 500')
    expect(await explorer.steps('not_reached')).toHaveLength(14)
    expect(await explorer.page.locator('#notes').innerText()).toMatch(
      /process (\d+), was killed[\s\S]*started another: process (?!\1)\d+/,
    )
    await explorer.play('Mint and send')
    expect(await explorer.status()).toContain('Allowed')
  })
})

describe('behind Envoy', () => {
  test('a token that was used at Kong is a replay', async () => {
    await explorer.page.getByText('Envoy', { exact: true }).click()
    await explorer.play('Replay')
    expect(await explorer.status()).toContain('Refused at step 13')
    expect(await explorer.panel('Audit line')).toMatch(/gateway\s+envoy/)
  })

  test('a dead service decides nothing, and lets nothing through', async () => {
    await explorer.play('Dead plugin server')
    expect(await explorer.status()).toContain('Refused by Envoy itself: 503')
    await explorer.play('Mint and send')
    expect(await explorer.status()).toContain('Allowed: all 14 steps passed')
  })
})

describe('the form', () => {
  test('says what the issuer does not mint, and sends nothing', async () => {
    await explorer.page.getByLabel('Subject').fill('agent://admin/<b>root</b>')
    await explorer.play('Mint and send')
    expect(await explorer.status()).toContain('Not minted: the issuer refused')
    expect(await explorer.panel('Token')).toContain('invalid_subject')
  })

  test('shows what was typed as text', async () => {
    await explorer.page.getByLabel('Subject').fill('agent://ci/deploy-bot')
    await explorer.page.getByLabel('Action').fill('<img src=x onerror=alert(1)>')
    await explorer.play('Mint and send')
    await explorer.page.getByLabel('Action').fill('inventory.write')
    expect(await explorer.panel('Audit line')).toContain('<img src=x onerror=alert(1)>')
    expect(await explorer.page.locator('main img').count()).toBe(0)
  })
})

describe('the page', () => {
  test('keeps to its policy, and asks nobody but its own server', async () => {
    expect(explorer.requested.length).toBeGreaterThan(10)
    const { origin } = new URL(url)
    expect(explorer.requested.filter((one) => new URL(one).origin !== origin)).toEqual([])
    expect(await explorer.violations()).toEqual([])
    expect(explorer.complaints).toEqual([])
  })

  test('has a policy that bites', async () => {
    const other = await ExplorerPage.open(browser, url)
    await other.page.evaluate("document.body.setAttribute('style', 'color: red')")
    await other.page.evaluate("fetch('http://127.0.0.1:9/').catch(() => {})")
    expect(await other.violations()).toEqual([
      expect.stringMatching(/^style-src-attr/),
      expect.stringMatching(/^connect-src/),
    ])
    await other.close()
  })

  test('gets no signature and no credential, and its address loses the key', async () => {
    const wire = await explorer.wire()
    expect(wire).toContain('kept by the explorer')
    expect(wire).not.toMatch(/[\w-]{20,}\.[\w-]{20,}\.[\w-]{20,}/)
    expect(wire).not.toMatch(/PRIVATE KEY|Basic |secret/i)
    expect(explorer.page.url()).not.toContain('key')
  })

  test('does not work from an address without the key', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(new URL('/', url).href)
    await page.getByText('open the address that the explorer has printed').waitFor()
    await context.close()
  })
})

describe('without a mouse', () => {
  test('the whole way can be gone by keyboard, and the focus stays', async () => {
    const { page } = await ExplorerPage.open(browser, url)
    const focus = () =>
      page.evaluate<string>('document.activeElement.id || document.activeElement.dataset.play')
    const seen: string[] = []
    // From the skip link to the last play.
    while (seen.length < 30 && seen.at(-1) !== 'dead_decider') {
      await page.keyboard.press('Tab')
      seen.push(await focus())
    }
    expect(seen.slice(1)).toEqual([
      ...['gateway-kong', 'sub', 'aud', 'act', 'ttl', 'send'],
      ...['replay', 'tamper', 'clock_skew', 'skew', 'policy', 'dead_store', 'dead_decider'],
    ])
    for (let back = 0; back < 5; back++) await page.keyboard.press('Shift+Tab')
    expect(await focus()).toBe('tamper')
    await page.keyboard.press('Space')
    await page.locator('#verdict[data-outcome=deny]').waitFor()
    expect(await focus()).toBe('tamper')
    expect(await page.getByRole('status').innerText()).toContain('Refused at step 6')
    await page.getByLabel('Lifetime').press('Enter')
    await page.locator('#verdict[data-outcome=allow]').waitFor()
    await page.getByRole('radio', { name: 'Kong' }).press('ArrowRight')
    expect(await page.getByRole('radio', { name: 'Envoy' }).isChecked()).toBe(true)
    await page.context().close()
  })

  test('landmarks, headings and names say what is where', async () => {
    const { page } = explorer
    for (const landmark of ['banner', 'main', 'contentinfo'] as const) {
      expect(await page.getByRole(landmark).count()).toBe(1)
    }
    for (const name of ['Call', 'Fourteen steps', 'What came of it']) {
      expect(await page.getByRole('region', { name, exact: true }).count()).toBe(1)
    }
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
    expect(await page.getByRole('group', { name: 'Gateway' }).getByRole('radio').count()).toBe(2)
    expect(await page.getByRole('status').getAttribute('aria-live')).toBe('polite')
    // The picture says nothing that the lists do not say.
    expect(await page.locator('#picture').getAttribute('aria-hidden')).toBe('true')
    expect(await page.getByRole('list').count()).toBe(6)
  })
})

describe('the page as it is seen', () => {
  test.each(['nothing', 'Mint and send', 'Tampering'])(
    'after %s every text can be read, in light and dark, wide and narrow',
    async (play) => {
      const { page } = explorer
      if (play === 'nothing') await page.getByText('Kong', { exact: true }).first().click()
      else await explorer.play(play)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        for (const width of [1280, 390]) {
          await page.setViewportSize({ width, height: 900 })
          const { looked, found } = await page.evaluate<Contrast>(CONTRAST)
          expect(looked).toBeGreaterThan(40)
          expect(found).toEqual([])
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
        }
      }
    },
  )
})

test('the probe finds what cannot be read', async () => {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.setContent('<p style="color:#888;background:#999">pale</p><p>plain</p>')
  const { looked, found } = await page.evaluate<Contrast>(CONTRAST)
  expect([looked, found.length]).toEqual([2, 1])
  await context.close()
})

test('who wants nothing to move sees nothing move', async () => {
  const moving = "getComputedStyle(document.querySelector('.lamp')).transitionDuration"
  const still = await ExplorerPage.open(browser, url)
  expect(await still.page.evaluate(moving)).toBe('0s')
  const lively = await ExplorerPage.open(browser, url, { reducedMotion: 'no-preference' })
  expect(await lively.page.evaluate(moving)).not.toBe('0s')
  for (const one of [still, lively]) await one.close()
})

interface Contrast {
  readonly looked: number
  readonly found: readonly string[]
}

/** What the demo prints for a person to open. */
function addressOf(child: ChildProcess): Promise<string> {
  let printed = ''
  return new Promise((found, failed) => {
    const look = (chunk: Buffer) => {
      printed += chunk.toString()
      const [, address] = /Open (http:\S+)/.exec(printed) ?? []
      if (address !== undefined) found(address)
    }
    child.stdout?.on('data', look)
    child.stderr?.on('data', look)
    child.once('exit', () => failed(new Error(printed)))
  })
}
