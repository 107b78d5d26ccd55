export type { AuditSink } from './audit/audit-sink.ts'
export { ChainCheck, type ChainFault } from './audit/chain-check.ts'
export { type AuditEvent, auditEvent, type CallContext } from './audit/event.ts'
export { renderAuditLine } from './audit/render.ts'
export { SealedFile } from './audit/sealed-file.ts'
export { FileSink } from './audit/sinks/file.ts'
export { type BoundMode, requestHash } from './binding/request-hash.ts'
export type { Body, Call, RequestLine } from './call.ts'
export type { Caller } from './caller.ts'
export {
  type Code,
  Denial,
  deny,
  LAST_STEP,
  REFUSALS,
  type Reason,
  type Refusal,
  STEP_LABELS,
  type StepLabel,
} from './denial.ts'
export { escapeControls } from './escape-controls.ts'
export type { Answer, PassAnswer, Recorded, RefuseAnswer } from './gateway/answer.ts'
export { type AuditTrail, type DecisionObserver, Gateway } from './gateway/gateway.ts'
export type { Account, Accounts, GatewayCall } from './gateway/gateway-call.ts'
export type {
  AuditSettings,
  ChallengeSettings,
  GatewaySettings,
  PassingSettings,
  ReplaySettings,
} from './gateway/gateway-settings.ts'
export { type HeaderLists, valuesOf } from './gateway/header-lists.ts'
export type { IdentityHeader } from './gateway/identity-headers.ts'
export { openGateway } from './gateway/open-gateway.ts'
export type { HeaderChanges, Pass } from './gateway/pass-headers.ts'
export { Resources } from './gateway/resources.ts'
export { readJwk } from './keys/jwk.ts'
export { KeyCache } from './keys/key-cache.ts'
export { KeySetPool } from './keys/key-set-pool.ts'
export type { KeySettings, TrustedIssuer } from './keys/key-settings.ts'
export type { KeyLookup, KeySource, VerificationKey } from './keys/key-source.ts'
export { compileRules } from './policy/compile.ts'
export {
  compileDocument,
  type DocumentReader,
  type DocumentReading,
  type PolicyDocument,
  type PolicyScope,
} from './policy/document.ts'
export {
  type ExplainedRule,
  type Explanation,
  explainDocument,
  type FailedCondition,
} from './policy/explain.ts'
export { compileGlob } from './policy/glob.ts'
export { assertPolicyPath, loadDocument } from './policy/load-document.ts'
export { allowAll, type Policy, type PolicyDecision } from './policy/policy.ts'
export { PolicyFaults } from './policy/policy-faults.ts'
export { PolicyFile, type PolicyFileOptions } from './policy/policy-file.ts'
export {
  compileRequirements,
  type Requirements,
  type RequireSettings,
} from './policy/requirements.ts'
export { reviewDocument, type Warning } from './policy/review.ts'
export type { RequiredRoute } from './policy/route-table.ts'
export type { PolicyRule } from './policy/rule.ts'
export { type Clock, formatInstant, systemClock } from './ports/clock.ts'
export { type Log, type LogFields, silentLog } from './ports/log.ts'
export { logLine } from './ports/log-line.ts'
export { systemRandom } from './ports/random.ts'
export { stderrLog } from './ports/stderr-log.ts'
export { monotonic, type Stopwatch } from './ports/stopwatch.ts'
export type { RedisSettings } from './redis/redis-settings.ts'
export { AudienceStores, type StorePlace, storeName } from './replay/audience-stores.ts'
export { MemoryReplayStore } from './replay/memory-store.ts'
export { RedisReplay } from './replay/redis-replay.ts'
export type { ReplayStore, TokenUse, UseOutcome } from './replay/replay-store.ts'
export type { Revocation, RevocationList } from './revocation/revocation-list.ts'
export type { BindingMode, BindingSettings, IssuerTrust, Settings } from './settings.ts'
export { decodeBase64url } from './token/base64url.ts'
export type { Claims, Payload, Source } from './token/claims.ts'
export { mint, type SigningKey, signCompact } from './token/mint.ts'
export { readPayload } from './token/payload.ts'
export { type PublicJwk, publicJwk, readSigningKey, thumbprint } from './token/signing-key.ts'
export { parseStrictJson } from './token/strict-json.ts'
export { isSubject } from './token/subject.ts'
export { Attempt, type VerifierPorts } from './verify/attempt.ts'
export { Deadline } from './verify/deadline.ts'
export type { Observer, StepRun } from './verify/observer.ts'
export { type OpenVerifierPorts, openVerifier } from './verify/open-verifier.ts'
export type { Step } from './verify/step.ts'
export { STEP_NAMES, type StepName } from './verify/step-names.ts'
export { STEPS } from './verify/steps.ts'
export { type Decision, Verifier } from './verify/verifier.ts'
export type { PolicySettings, VerifierSettings } from './verify/verifier-settings.ts'
export { type Verdict, verify } from './verify/verify.ts'
