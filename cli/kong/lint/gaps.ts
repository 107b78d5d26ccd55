import { describeTraffic } from '../entities/describe.ts'
import type { PluginEntity } from '../entities/entities.ts'
import { effective, fits, type Traffic } from '../entities/traffic.ts'
import { type GuardPlugin, type GuardUse, HALVES } from './guard-use.ts'

/** An oathmesh entity that lacks a half of the guard, or both, on some of its traffic. */
export interface Gap {
  readonly oathmesh: PluginEntity
  readonly missing: readonly {
    readonly plugin: GuardPlugin
    readonly traffic: readonly Traffic[]
  }[]
}

/** Where oathmesh runs without the guard, for which no other finding is the reason. */
export function gaps(
  protectedTraffic: ReadonlyMap<PluginEntity, readonly Traffic[]>,
  plugins: readonly PluginEntity[],
  uses: readonly GuardUse[],
  explained: readonly GuardUse[],
): readonly Gap[] {
  const covered = (plugin: GuardPlugin, traffic: Traffic) => {
    const entity = effective(plugins, plugin, traffic)
    const use = uses.find((candidate) => candidate.entity === entity)
    if (use?.guards) return true
    if (use !== undefined && explained.includes(use)) return true
    // A disabled guard that would have covered it is a finding of its own.
    return uses.some(
      (other) =>
        other.plugin === plugin &&
        !other.entity.enabled &&
        other.found.length > 0 &&
        fits(other.entity.scope, traffic),
    )
  }
  return [...protectedTraffic].flatMap(([oathmesh, all]) => {
    const missing = (Object.keys(HALVES) as GuardPlugin[])
      .map((plugin) => ({ plugin, traffic: all.filter((each) => !covered(plugin, each)) }))
      .filter(({ traffic }) => traffic.length > 0)
    return missing.length === 0 ? [] : [{ oathmesh, missing }]
  })
}

/** What a gap lets through and how to close it. */
export function gapFault({ missing }: Gap) {
  const sentences = missing.map(({ plugin, traffic }) => {
    const where = traffic.map(describeTraffic).join(', ')
    return `The guard's ${HALVES[plugin]} function, in a ${plugin}, is missing on ${where}.`
  })
  return {
    code: 'unguarded',
    message: sentences.join(' '),
    fix: 'Add the output of "oathmesh kong guard"; it covers every oathmesh entity.',
  } as const
}
