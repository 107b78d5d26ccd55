import { spawnSync } from 'node:child_process'
import { readAuditReport } from './audit-report.ts'

/**
 * `npm run audit`: ends with 1 where a package that we ship or build with has a vulnerability that is high or critical.
 * A registry that cannot be asked is said, and is no failure: a build must not hang on it.
 */
const { stdout } = spawnSync('npm', ['audit', '--json'], { encoding: 'utf8', timeout: 60_000 })
const report = readAuditReport(stdout ?? '')

switch (report.outcome) {
  case 'clean':
    process.stdout.write(`no high or critical vulnerability; ${report.lesser} lesser\n`)
    process.stdout.write('audit: 1 passed, 0 failed\n')
    break
  case 'vulnerable':
    process.stdout.write(`${report.findings.join('\n')}\n"npm audit" says more\n`)
    process.stdout.write(`audit: 0 passed, ${report.findings.length} failed\n`)
    process.exitCode = 1
    break
  case 'unreachable':
    process.stdout.write(`NOT AUDITED: the registry's audit cannot be asked: ${report.cause}\n`)
    process.stdout.write('audit: 0 passed, 0 failed\n')
}
