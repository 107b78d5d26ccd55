import { escapeControls } from '../../../lib/index.ts'
import { count, painter } from '../../terminal/print.ts'
import type { LintResult, PlacedFinding } from './lint-envoy.ts'

interface FileResult extends LintResult {
  readonly file: string
}

/** The findings for a reader, each with its place and what to do. */
export function reportAsText({ file, filters, findings }: FileResult, color: boolean): string {
  if (findings.length === 0) {
    return `${file}: nothing passes undecided by ${count(filters, 'ext_authz filter')}\n`
  }
  const list = findings.map((finding) => block(file, finding, color)).join('\n')
  return `${list}\n${count(findings.length, 'finding')}\n`
}

/** The same for a program. */
export function reportAsJson(result: FileResult): string {
  return `${JSON.stringify(result, ['file', 'filters', 'findings', 'code', 'path', 'line', 'message', 'fix'], 2)}\n`
}

function block(file: string, { code, path, line, message, fix }: PlacedFinding, color: boolean) {
  const paint = painter(color)
  return [
    `${paint('bold', `${file}:${line}`)} ${escapeControls(path)}: ${paint('red', code)}`,
    `  ${message}`,
    `  Fix: ${fix}`,
    '',
  ].join('\n')
}
