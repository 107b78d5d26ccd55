/** What a plugin can do with a request that oathmesh should have decided and has not. */
export type Reach =
  /** It refuses, counts, rewrites, logs or answers with a constant. */
  | 'harmless'
  /** The same, unless it is told to write the guard's own marker. */
  | 'writes_headers'
  /** It answers from what it has stored. */
  | 'cache'
  /** It answers, or acts elsewhere, by calling somebody. */
  | 'calls'

export interface BundledPlugin {
  /** `undefined` for a plugin of Kong Enterprise, which nobody has read here. */
  readonly priority: number | undefined
  readonly reach: Reach
}

/** Every plugin of a list, each with its priority. */
const all = (reach: Reach, priorities: Readonly<Record<string, number | undefined>>) =>
  Object.entries(priorities).map(([name, priority]) => [name, { priority, reach }] as const)

/**
 * The plugins that Kong brings along, read in Kong 3.9.3. The linter passes over what is harmless here and
 * reports all else, a plugin that is not in the list as well: it might do anything.
 */
// biome-ignore format: reads as a table
export const BUNDLED_PLUGINS: ReadonlyMap<string, BundledPlugin> = new Map([
  ...all('harmless', {
    // Before oathmesh (1450), which changes nothing for them.
    'pre-function': 1_000_000, 'correlation-id': 100_001, zipkin: 100_000, 'bot-detection': 2500, cors: 2000, session: 1900, acme: 1705,
    // Other ways to say who calls.
    jwt: 1450, oauth2: 1400, 'key-auth': 1250, 'ldap-auth': 1200, 'basic-auth': 1100, 'hmac-auth': 1030,
    // They refuse, count or rewrite.
    'grpc-gateway': 998, 'ip-restriction': 990, 'request-size-limiting': 951, acl: 950, 'rate-limiting': 910, 'response-ratelimiting': 900,
    'response-transformer': 800, 'ai-prompt-template': 773, 'ai-prompt-decorator': 772, 'ai-prompt-guard': 771, 'standard-webhooks': 760, 'grpc-web': 3,
    // Constant answers.
    redirect: 779, 'request-termination': 2,
    // After the answer.
    opentelemetry: 14, prometheus: 13, 'http-log': 12, statsd: 11, datadog: 10, 'file-log': 9, 'udp-log': 8, 'tcp-log': 7, loggly: 6, syslog: 4,
    'post-function': -1000,
  }),
  ...all('writes_headers', { 'request-transformer': 801 }),
  ...all('cache', { 'proxy-cache': 100, 'proxy-cache-advanced': undefined, 'graphql-proxy-cache-advanced': undefined }),
  ...all('calls', {
    'ai-request-transformer': 777, 'ai-proxy': 770, 'ai-response-transformer': 768, 'aws-lambda': 750, 'azure-functions': 749,
    'ai-semantic-cache': undefined, 'forward-proxy': undefined, 'kafka-upstream': undefined, confluent: undefined,
  }),
])
