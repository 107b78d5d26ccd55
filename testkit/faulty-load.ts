import { setTimeout as pause } from 'node:timers/promises'
import { freshToken } from './fresh-token.ts'
import { httpCall } from './http-call.ts'
import { KEYS } from './keys.ts'
import type { Seen } from './seen.ts'

/** A gateway, the process that decides for it, and what the upstream behind it has seen. */
export interface FaultyStack {
  readonly url: string
  readonly pluginServer: { readonly pid: number | undefined }
  readonly seen: readonly Seen[]
}

const CALLERS = 4
/** How long between two faults, while the plugin server has served something since. */
const FAULT_EVERY_MS = 700
/** Longer than the gateway waits for an answer. */
const FROZEN_MS = 700

export interface Counts {
  passed: number
  refused: number
  /** Answered with 500 or 503. */
  unavailable: number
  /** Answered by the upstream, without a token that was verified. */
  unverified: number
  readonly faults: Record<Fault, number>
}

type Fault = 'SIGKILL' | 'SIGSTOP' | 'SIGTERM'

const FAULTS: readonly Fault[] = ['SIGKILL', 'SIGSTOP', 'SIGTERM']

/** What callers send in turn. The upstream may see the first kind alone. */
const KINDS: readonly (() => { valid: boolean; headers: string[] })[] = [
  () => ({ valid: true, headers: ['Authorization', `OathMesh ${freshToken()}`] }),
  () => ({ valid: false, headers: [] }),
  () => ({ valid: false, headers: ['Authorization', `OathMesh ${freshToken({}, KEYS.stranger)}`] }),
  () => ({
    valid: false,
    headers: ['X-OathMesh-Decision', 'allow', 'x_oathmesh_decision', 'allow'],
  }),
]

/** How many times longer a machine may take that is too busy for two faults in the time given. */
const PATIENCE = 6

/**
 * Calls `/items` without pause while its plugin server is killed, frozen and restarted in turn, for the time given and until
 * it has been killed and frozen. Every call carries its kind in the path, so that the upstream tells whom it has answered.
 */
export async function faultyLoad(stack: FaultyStack, durationMs: number): Promise<Counts> {
  const faults = { SIGKILL: 0, SIGSTOP: 0, SIGTERM: 0 }
  const counts: Counts = { passed: 0, refused: 0, unavailable: 0, unverified: 0, faults }
  const start = Date.now()
  let served = false
  const isOver = (): boolean => {
    const passed = Date.now() - start
    const enough = faults.SIGKILL > 0 && faults.SIGSTOP > 0
    return passed >= durationMs && (enough || passed >= durationMs * PATIENCE)
  }

  async function caller(first: number): Promise<void> {
    for (let turn = first; !isOver(); turn++) {
      const { valid, headers } = (KINDS[turn % KINDS.length] as (typeof KINDS)[number])()
      const { status } = await httpCall(stack.url, { path: `/items?valid=${valid}`, headers })
      const outcome = outcomeOf(status, valid)
      counts[outcome] += 1
      served ||= outcome === 'passed' || outcome === 'refused'
      // Leaves a new process some of the machine to start on.
      if (outcome === 'unavailable') await pause(10)
    }
  }

  async function saboteur(): Promise<void> {
    for (let turn = 0; !isOver(); ) {
      await pause(FAULT_EVERY_MS)
      // On a busy machine a new process may need longer to serve anything: then it lives on.
      if (!served) continue
      served = false
      const fault = FAULTS[turn++ % FAULTS.length] as Fault
      if (signal(stack, fault)) faults[fault] += 1
      if (fault !== 'SIGSTOP') continue
      await pause(FROZEN_MS)
      signal(stack, 'SIGCONT')
    }
  }

  await Promise.all([saboteur(), ...Array.from({ length: CALLERS }, (_, at) => caller(at))])
  counts.unverified = Math.max(
    counts.unverified,
    stack.seen.filter(({ url, headers }) => isUnverified(url, headers['x-oathmesh-decision']))
      .length,
  )
  return counts
}

function outcomeOf(status: number, valid: boolean): Exclude<keyof Counts, 'faults'> {
  if (status === 200) return valid ? 'passed' : 'unverified'
  return status === 401 ? 'refused' : 'unavailable'
}

function isUnverified(url: string, decision: unknown): boolean {
  return url.endsWith('valid=false') || decision !== 'allow'
}

/** Whether there was a process to send it to: it may be dead already and not yet started again. */
function signal({ pluginServer: { pid } }: FaultyStack, name: NodeJS.Signals): boolean {
  if (pid === undefined) return false
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}
