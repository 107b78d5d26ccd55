import type { PlayRequest } from './explorer.ts'
import type { PlayId } from './story.ts'

const MOST_CLAIM = 280
const MOST_SKEW = 3600

/** What the page sent, checked. Throws `RangeError` that names the field in the page's words. */
export function readPlayRequest(text: string): PlayRequest {
  const { play, gateway, wanted, clockOffSeconds = 0 } = membersOf(text)
  const { sub, aud, act, ttlSeconds } = Object(wanted) as Record<string, unknown>
  return {
    // The stage knows its plays, and refuses any other word.
    play: textOf('play', play) as PlayId,
    gateway: textOf('gateway', gateway),
    wanted: {
      sub: textOf('subject', sub),
      aud: textOf('audience', aud),
      act: textOf('action', act),
      ttlSeconds: wholeOf('lifetime', ttlSeconds, 1, 300),
    },
    clockOffSeconds: wholeOf('clock', clockOffSeconds, -MOST_SKEW, MOST_SKEW),
  }
}

function membersOf(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>
  } catch {
    throw new RangeError('the request is not JSON')
  }
}

function textOf(field: string, value: unknown): string {
  if (typeof value === 'string' && value.length <= MOST_CLAIM) return value
  throw new RangeError(`${field}: expected text of at most ${MOST_CLAIM} characters`)
}

function wholeOf(field: string, value: unknown, least: number, most: number): number {
  const number = Number(value)
  if (typeof value === 'number' && Number.isInteger(number) && number >= least && number <= most) {
    return number
  }
  throw new RangeError(`${field}: expected a whole number from ${least} to ${most} seconds`)
}
