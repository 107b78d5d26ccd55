import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

/** Debian's; `CHROMIUM` names another one. */
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

/** Notes what the browser refuses to do; what a page may do is said by its policy. */
const NOTE_VIOLATIONS = `
  window.violations = []
  document.addEventListener('securitypolicyviolation', (event) => {
    window.violations.push(event.violatedDirective + ' ' + event.blockedURI)
  })`

export function startBrowser(): Promise<Browser> {
  // Nobody but the test's own server is visited; as root Chromium has no sandbox.
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
}

/** The explorer in a tab, with everything that came over the wire. */
export class ExplorerPage {
  readonly page: Page
  readonly #answers: Promise<string>[] = []
  readonly requested: string[] = []
  readonly complaints: string[] = []

  private constructor(page: Page) {
    this.page = page
    page.on('request', (request) => this.requested.push(request.url()))
    page.on('response', (response) => this.#answers.push(response.text().catch(() => '')))
    page.on('pageerror', (error) => this.complaints.push(error.message))
    page.on('console', (message) => this.complaints.push(message.text()))
  }

  static async open(
    browser: Browser,
    url: string,
    options: BrowserContextOptions = {},
  ): Promise<ExplorerPage> {
    const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
    await context.addInitScript(NOTE_VIOLATIONS)
    const opened = new ExplorerPage(await context.newPage())
    await opened.page.goto(url)
    await opened.page.getByText('Clock skew').or(opened.page.getByText('Replay')).first().waitFor()
    return opened
  }

  /** Plays by its button, and waits until it has been told. */
  async play(name: string): Promise<void> {
    await this.page.getByRole('button', { name }).click()
    await this.told()
  }

  /** Waits for the end of what is played; an error of the explorer's own is an end, too. */
  async told(): Promise<void> {
    await this.page.locator('#send[aria-disabled=false]').waitFor({ timeout: 45_000 })
  }

  status(): Promise<string> {
    return this.page.getByRole('status').innerText()
  }

  /** The steps by how they went. */
  async steps(outcome: 'passed' | 'refused' | 'not_reached'): Promise<string[]> {
    const texts = await this.page
      .getByRole('listitem')
      .and(this.page.locator(`[data-outcome=${outcome}]`))
      .allInnerTexts()
    return texts.map((text) => text.replaceAll(/\s+/g, ' '))
  }

  /** The text of the panel with this heading. */
  panel(heading: string): Promise<string> {
    return this.page
      .getByRole('article')
      .filter({ has: this.page.getByRole('heading', { name: heading }) })
      .innerText()
  }

  violations(): Promise<string[]> {
    return this.page.evaluate('window.violations')
  }

  /** Every body that the page has got. */
  async wire(): Promise<string> {
    return (await Promise.all(this.#answers)).join('\n')
  }

  close(): Promise<void> {
    return this.page.context().close()
  }
}
