import type { Scenery, Story, Wanted } from '../story.ts'

const KEY = 'oathmesh-explorer-key'

/** What is asked of the explorer's own server. Rejects with what to tell the reader. */
export interface Asked {
  readonly play: string
  readonly gateway: string
  readonly wanted: Wanted
  readonly clockOffSeconds: number
}

/** Takes the key out of the address, so that it is not copied with it, and keeps it for this tab. */
export function takeKey(): void {
  const [, key] = /^#key=([\w-]+)$/.exec(location.hash) ?? []
  if (key === undefined) return
  sessionStorage.setItem(KEY, key)
  history.replaceState(null, '', location.pathname)
}

export async function scenery(): Promise<Scenery> {
  return (await ask('/api/scenery')) as Scenery
}

export async function play(asked: Asked): Promise<Story> {
  const body = JSON.stringify(asked)
  const headers = { 'content-type': 'application/json' }
  return (await ask('/api/play', { method: 'POST', body, headers })) as Story
}

async function ask(path: string, init: RequestInit = {}): Promise<unknown> {
  const headers = { ...init.headers, 'x-explorer-key': sessionStorage.getItem(KEY) ?? '' }
  const answer = await fetch(path, { ...init, headers }).catch(() => {
    throw new Error('The explorer does not answer. Has it been ended?')
  })
  const body = (await answer.json()) as { readonly error?: string }
  if (!answer.ok) throw new Error(body.error ?? `The explorer answered ${answer.status}.`)
  return body
}
