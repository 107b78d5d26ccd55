/** What `npm audit --json` has said. */
export type AuditReport =
  | { readonly outcome: 'clean'; readonly lesser: number }
  | { readonly outcome: 'vulnerable'; readonly findings: readonly string[] }
  /** The registry has not answered the question, or has no audit: nothing is known. */
  | { readonly outcome: 'unreachable'; readonly cause: string }

const GRAVE: ReadonlySet<unknown> = new Set(['high', 'critical'])

/** Reads the output of `npm audit --json`. What is neither a report nor an error of the registry is unreachable too. */
export function readAuditReport(output: string): AuditReport {
  const report = parsed(output)
  const { vulnerabilities } = report
  if (typeof vulnerabilities !== 'object' || vulnerabilities === null) {
    const { message } = report
    return {
      outcome: 'unreachable',
      cause: typeof message === 'string' ? withoutUrl(message) : 'no report',
    }
  }
  const all = Object.entries(vulnerabilities as Readonly<Record<string, { severity?: unknown }>>)
  const grave = all.filter(([, { severity }]) => GRAVE.has(severity))
  if (grave.length === 0) return { outcome: 'clean', lesser: all.length }
  return {
    outcome: 'vulnerable',
    findings: grave.map(([name, { severity }]) => `${name}: ${severity}`),
  }
}

function parsed(output: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(output)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

/** An address may hold a password. */
function withoutUrl(message: string): string {
  return message.replace(/\bhttps?:\/\/\S+/g, '<registry>')
}
