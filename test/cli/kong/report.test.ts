import { KongDocument } from '../../../cli/kong/entities/kong-document.ts'
import { readEstate } from '../../../cli/kong/lint/estate.ts'
import { lintGuard } from '../../../cli/kong/lint/lint-guard.ts'
import { reportAsText } from '../../../cli/kong/lint/report.ts'

const result = (name: string) => {
  const entity = { name: 'oathmesh', instance_name: name }
  const text = JSON.stringify({ _format_version: '3.0', plugins: [entity] })
  return { file: 'kong.yml', ...lintGuard(new KongDocument(text), readEstate({})) }
}

describe('the report', () => {
  test('is coloured only when asked', () => {
    expect(reportAsText(result('mine'), true)).toContain('\u001b[31mno_guard\u001b[0m')
    expect(reportAsText(result('mine'), false)).not.toContain('\u001b')
  })

  test('lets no name from the file steer the terminal', () => {
    const name = '\u001b[2J\nkong.yml: fine \u202e'
    expect(reportAsText(result(name), false)).toContain(
      String.raw`oathmesh "\u001b[2J\u000akong.yml: fine \u202e" without scope`,
    )
  })
})
