import { escapeControls } from '../../../lib/index.ts'
import { count, painter } from '../../terminal/print.ts'
import type { Finding } from './finding.ts'
import type { LintResult } from './lint-guard.ts'

interface FileResult extends LintResult {
  readonly file: string
}

/** The findings for a reader, each with its place and what to do. */
export function reportAsText(result: FileResult, color: boolean): string {
  const { file, findings, oathmesh, closedByKong } = result
  if (findings.length > 0) {
    const list = findings.map((finding) => block(file, finding, color)).join('\n')
    return `${list}\n${count(findings.length, 'finding')}\n`
  }
  if (oathmesh === 0) return `${file}: no oathmesh entity is enabled\n`
  const entities = count(oathmesh, 'oathmesh entity', 'oathmesh entities')
  return closedByKong
    ? `${file}: Kong itself refuses what the plugin server cannot decide for ${entities}\n`
    : `${file}: the guard covers ${entities}\n`
}

/** The same for a program. */
export function reportAsJson(result: FileResult): string {
  return `${JSON.stringify(result, ['file', 'oathmesh', 'closedByKong', 'findings', 'code', 'path', 'line', 'entity', 'message', 'fix'], 2)}\n`
}

function block(file: string, finding: Finding, color: boolean): string {
  const { code, path, line, entity, message, fix } = finding
  const paint = painter(color)
  return [
    `${paint('bold', `${file}:${line}`)} ${path}: ${paint('red', code)}`,
    `  ${escapeControls(entity)}`,
    `  ${escapeControls(message)}`,
    `  Fix: ${fix}`,
    '',
  ].join('\n')
}
