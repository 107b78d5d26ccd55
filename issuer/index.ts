/**
 * What hosts of an issuer import. Apart from `lib/index.ts`, so that no gateway loads a web server and
 * an OIDC library that it never uses.
 */
export { hashSecret } from './clients/secret-hash.ts'
export { type ExplainedMint, explainMint, type MintQuestion } from './explain-mint.ts'
export { IssuerServer, type ListenOptions } from './http/issuer-server.ts'
export { createIssuer, type Issuer, type IssuerOptions } from './issuer.ts'
export type { IssuerSettings, ServerTls } from './issuer-settings.ts'
export { KeyDirectory } from './keys/key-directory.ts'
export { KeySchedule, type KeyState, type ScheduledKey } from './keys/key-schedule.ts'
export { readKeyDirectory } from './keys/read-key-directory.ts'
export { type Rotation, rotateKey } from './keys/rotate-key.ts'
export type { MintRule } from './mint-policy.ts'
export type { OidcProviderSettings } from './oidc/oidc-provider.ts'
export { type OpenRevocations, openRevocations } from './open-revocations.ts'
export { ISSUER_REFUSALS } from './refusal.ts'
export { renewIssuer } from './renew-issuer.ts'
