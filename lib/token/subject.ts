const SUBJECT = /^(?:agent|svc|job|tool|user):\/\/[a-zA-Z0-9/_.-]{1,256}$/

/** Whether `sub` has the one form that issuers may mint and verifiers accept. Spec 1.4. */
export function isSubject(text: string): boolean {
  return SUBJECT.test(text)
}
