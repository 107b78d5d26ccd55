import { escapeControls } from '../../../lib/index.ts'
import { count, painter } from '../../terminal/print.ts'
import type { Finding } from './finding.ts'
import type { LintResult } from './lint-guard.ts'

interface FileResult extends LintResult {
  readonly file: string
}

/** The findings for a reader, each with its place and what to do. */
export function reportAsText({ file, findings, oathmesh }: FileResult, color: boolean): string {
  if (findings.length > 0) {
    const list = findings.map((finding) => block(file, finding, color)).join('\n')
    return `${list}\n${count(findings.length, 'finding')}\n`
  }
  return oathmesh === 0
    ? `${file}: no oathmesh entity is enabled\n`
    : `${file}: the guard covers ${count(oathmesh, 'oathmesh entity', 'oathmesh entities')}\n`
}

/** The same for a program. */
export function reportAsJson(result: FileResult): string {
  return `${JSON.stringify(result, ['file', 'oathmesh', 'findings', 'code', 'path', 'line', 'entity', 'message', 'fix'], 2)}\n`
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
