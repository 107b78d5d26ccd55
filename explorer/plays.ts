import type { Play, PlayId } from './story.ts'

const PLAYS: Readonly<Record<PlayId, Omit<Play, 'id'>>> = {
  call: { label: 'Mint and send', about: 'The issuer mints a token; the gateway gets it once.' },
  replay: {
    label: 'Replay',
    about: 'The token that was sent last is sent again, through the gateway that is chosen now.',
  },
  tamper: {
    label: 'Tampering',
    about: 'Somebody changes the subject of a fresh token and keeps its signature.',
  },
  clock_skew: {
    label: 'Clock skew',
    about: 'The issuer mints while its clock is off by as much as you say.',
  },
  policy: {
    label: 'Policy denial',
    about: 'A proven caller asks for an action that no rule of the policy allows.',
  },
  dead_store: {
    label: 'Dead Redis',
    about: 'redis-server is killed, a fresh token is sent, and Redis is started again.',
  },
  dead_decider: {
    label: 'Dead plugin server',
    about: 'The process that decides is killed, a fresh token is sent, and it comes back.',
  },
}

/** These plays, in the order in which they are offered. */
export function playsOf(...ids: readonly PlayId[]): readonly Play[] {
  return ids.map((id) => ({ id, ...PLAYS[id] }))
}
