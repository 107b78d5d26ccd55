import type { PluginEntity } from '../entities/entities.ts'
import { effective, type Traffic } from '../entities/traffic.ts'

const MARKER = 'x-oathmesh-decision'

/**
 * Bundled plugins that run after oathmesh and before the guard's last function and can answer in its
 * stead with what oathmesh protects. Those that only ever answer with a constant do no harm.
 */
const ANSWERING: Readonly<Record<string, 'cache' | 'function'>> = {
  'proxy-cache': 'cache',
  'proxy-cache-advanced': 'cache',
  'graphql-proxy-cache-advanced': 'cache',
  'ai-semantic-cache': 'function',
  'aws-lambda': 'function',
  'azure-functions': 'function',
  'kafka-upstream': 'function',
  confluent: 'function',
  'forward-proxy': 'function',
}

/** Entities that can answer a request which oathmesh has not decided, on the traffic it protects. */
export function earlyAnswers(
  traffic: readonly Traffic[],
  plugins: readonly PluginEntity[],
): readonly PluginEntity[] {
  const answering = traffic.flatMap((each) => {
    // acl runs before all of them and refuses whoever has not been authenticated.
    if (effective(plugins, 'acl', each) !== undefined) return []
    return Object.keys(ANSWERING).flatMap((name) => effective(plugins, name, each) ?? [])
  })
  return [...new Set(answering)].filter((entity) => !variesOnDecision(entity))
}

/** Why the guard comes too late, and what comes in time. */
export function earlyAnswerFault({ name }: PluginEntity) {
  const cache = ANSWERING[name] === 'cache'
  return {
    code: 'answers_before_guard',
    message: cache
      ? 'It answers from its cache before the guard can refuse what oathmesh has not decided.'
      : 'It answers before the guard can refuse what oathmesh has not decided.',
    fix: cache
      ? 'Add X-OathMesh-Decision to its vary_headers.'
      : 'Map callers to consumers (consumer.by) and add the acl plugin, which refuses all others.',
  } as const
}

/** Then a request without the plugin's marker never finds an answer that was cached with it. */
function variesOnDecision({ name, config }: PluginEntity): boolean {
  const headers = config['vary_headers']
  if (ANSWERING[name] !== 'cache' || !Array.isArray(headers)) return false
  return headers.some((header) => String(header).toLowerCase() === MARKER)
}
