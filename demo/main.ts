import { styleText } from 'node:util'
import { play } from './scenes.ts'
import { startStack } from './stack.ts'

const keep = process.argv.includes('--keep')
const coloured = process.stdout.isTTY && process.env['NO_COLOR'] === undefined
const paint = (style: Parameters<typeof styleText>[0], text: string) =>
  coloured ? styleText(style, text) : text
const print = (line = '') => process.stdout.write(`${line}\n`)

print('Starting issuer, upstream, plugin server and gateway on 127.0.0.1 …')
const stack = await startStack()
let differences = 0
try {
  for await (const { title, told, differs } of play(stack)) {
    print()
    print(
      `${paint(differs === undefined ? 'green' : 'red', differs === undefined ? '✔' : '✖')} ${paint('bold', title)}`,
    )
    for (const line of told) print(`    ${line}`)
    if (differs === undefined) continue
    differences += 1
    print(`    ${paint('red', `NOT AS IT SHOULD BE: ${differs}`)}`)
  }
  print()
  if (differences > 0) {
    print(`${differences} of these were not as they should be. The gateway's log:`)
    for (const line of stack.log) print(`    ${line}`)
  } else {
    print('All as it should be.')
  }
  if (keep && differences === 0) await untilStopped()
} finally {
  await stack.stop()
}
process.exit(differences === 0 ? 0 : 1)

async function untilStopped(): Promise<void> {
  print()
  print('Still running. Every token works once, so each line fetches its own:')
  print()
  print(`  oathmesh_token() { ${stack.issuer.curl} | sed 's/.*"token":"\\([^"]*\\)".*/\\1/'; }`)
  print(`  curl -i ${stack.gatewayUrl}/inventory`)
  print(`  curl -i -H "Authorization: OathMesh $(oathmesh_token)" ${stack.gatewayUrl}/inventory`)
  print()
  print('Ctrl-C ends it.')
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve())
  })
}
