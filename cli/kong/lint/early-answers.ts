import type { PluginEntity } from '../entities/entities.ts'
import { effective, type Traffic } from '../entities/traffic.ts'
import { BUNDLED_PLUGINS, type Reach } from './bundled-plugins.ts'
import type { Fault } from './guard-faults.ts'

const MARKER = 'x-oathmesh-decision'
const ACL_PRIORITY = 950

/**
 * Entities that can act on a request which oathmesh has not decided, on the traffic it protects: all but
 * those that are known to do no harm, or that the operator answers for by name.
 */
export function earlyAnswers(
  traffic: readonly Traffic[],
  plugins: readonly PluginEntity[],
  trusted: ReadonlySet<string>,
): readonly PluginEntity[] {
  const names = new Set(plugins.map(({ name }) => name))
  const acting = traffic.flatMap((each) => {
    const hasAcl = effective(plugins, 'acl', each) !== undefined
    return [...names].flatMap((name) => {
      if (name === 'oathmesh' || trusted.has(name)) return []
      const entity = effective(plugins, name, each)
      // acl refuses whoever has not been authenticated before anything of a lower priority runs.
      const isAfterAcl = (BUNDLED_PLUGINS.get(name)?.priority ?? ACL_PRIORITY) < ACL_PRIORITY
      return entity === undefined || (hasAcl && isAfterAcl) ? [] : entity
    })
  })
  return [...new Set(acting)].filter((entity) => !isHarmless(entity))
}

/** Why the guard comes too late, and what comes in time. */
export function earlyAnswerFault({ name }: PluginEntity): Fault {
  const known = BUNDLED_PLUGINS.get(name)
  const priority = known?.priority
  const place = priority === undefined ? 'a priority not known here' : `priority ${priority}`
  const where = `It acts at ${place}, before the guard at -1000`
  const { what, fix } = known === undefined ? UNKNOWN : EXPLAINED[known.reach]
  return { code: 'answers_before_guard', message: `${where}, and ${what}.`, fix }
}

interface Explained {
  readonly what: string
  readonly fix: string
}

const UNKNOWN: Explained = {
  what: 'this tool does not know what it does with a request that oathmesh has not decided',
  fix: 'Read what it does in its access phase; if that does no harm, pass its name to --harmless.',
}

const EXPLAINED: Readonly<Record<Reach, Explained>> = {
  harmless: UNKNOWN,
  writes_headers: {
    what: 'it is told to write a header of oathmesh, which the guard takes for a decision',
    fix: 'Take X-OathMesh-* out of its configuration.',
  },
  cache: {
    what: 'answers from its cache what oathmesh has not decided',
    fix: 'Add X-OathMesh-Decision to its vary_headers.',
  },
  calls: {
    what: 'calls somebody with a request that oathmesh has not decided',
    fix: 'Map callers to consumers (consumer.by) and add the acl plugin, which refuses all others, or use a wire that Kong closes by itself: see --wire.',
  },
}

function isHarmless({ name, config }: PluginEntity): boolean {
  switch (BUNDLED_PLUGINS.get(name)?.reach) {
    case 'harmless':
      return true
    case 'writes_headers':
      return !/x[-_]oathmesh[-_]/i.test(JSON.stringify(config))
    case 'cache':
      return variesOnDecision(config['vary_headers'])
    default:
      return false
  }
}

/** Then a request without the plugin's marker never finds an answer that was cached with it. */
function variesOnDecision(headers: unknown): boolean {
  return Array.isArray(headers) && headers.some((name) => String(name).toLowerCase() === MARKER)
}
