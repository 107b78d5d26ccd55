import type { Scenery, Story } from '../story.ts'
import { Controls } from './controls.ts'
import { byId, el } from './dom.ts'
import { moves, nextLamp } from './pace.ts'
import { showPanels } from './panels.ts'
import { Picture } from './picture.ts'
import { type Asked, play, scenery, takeKey } from './server.ts'
import { Steps } from './steps.ts'

takeKey()
try {
  open(await scenery())
} catch (cause) {
  fail(cause)
}

function open(there: Scenery): void {
  const picture = new Picture(there.gates)
  const steps = new Steps(there.gates)
  const clear = () => {
    picture.reset()
    steps.reset()
    byId('notes').replaceChildren()
    showPanels(undefined)
    verdict('idle', 'Nothing sent yet', 'Press “Mint and send”, or one of the plays.', '')
  }
  const controls = new Controls(there, {
    choose(gateway) {
      picture.chooses(gateway)
      clear()
    },
    play: (id) => void perform(controls.asked(id)),
  })
  const [first] = there.gateways.filter(({ missing }) => missing === undefined)
  if (first !== undefined) picture.chooses(first)
  showPanels(undefined)
  byId('sources').append(...there.sources.map((text) => el('p', {}, text)))

  async function perform(asked: Asked): Promise<void> {
    controls.busy = true
    steps.reset()
    picture.sending()
    byId('notes').replaceChildren()
    intoView()
    verdict('sending', 'On its way …', '', '')
    try {
      await tell(await play(asked))
    } catch (cause) {
      picture.reset()
      fail(cause)
    }
    controls.busy = false
  }

  /** Lights the lamps in the order of execution; what is to be announced comes last, at once. */
  async function tell(story: Story): Promise<void> {
    byId('notes').replaceChildren(...story.notes.map((text) => el('p', {}, text)))
    for (const [at, gate] of story.gates.entries()) {
      if (gate.outcome !== 'not_reached') await nextLamp()
      picture.light(at, gate.outcome)
      steps.tell(at, gate)
    }
    picture.ends(story)
    showPanels(story)
    const took =
      story.tookUs === undefined ? '' : `${(story.tookUs / 1000).toFixed(1)} ms to decide`
    const differs = story.differs === undefined ? '' : ` ${story.differs}`
    verdict(story.outcome, story.headline, `${story.detail}${differs}`, took)
  }
}

/** Brings the picture to where it can be watched. The focus stays where it is. */
function intoView(): void {
  byId('picture').scrollIntoView({ block: 'nearest', behavior: moves() ? 'smooth' : 'instant' })
}

function verdict(outcome: string, headline: string, detail: string, took: string): void {
  byId('verdict').dataset['outcome'] = outcome
  byId('headline').textContent = headline
  byId('detail').textContent = detail
  byId('took').textContent = took
}

function fail(cause: unknown): void {
  const why = cause instanceof Error ? cause.message : String(cause)
  verdict('failed', 'The explorer could not play this', why, '')
}
