import { styleText } from 'node:util'
import { errorMessage } from '../lib/error-message.ts'
import { demoOptions } from './demo-options.ts'
import { startEnvoyDemo } from './envoy-stack.ts'
import { startDemoExplorer } from './explore.ts'
import { startKongDemo } from './kong-stack.ts'
import { play } from './scenes.ts'
import type { DemoStack } from './stack.ts'

const NEXT = `
Next: "npm run demo -- --keep" leaves all this running, with commands to try; "npx oathmesh init" writes an
issuer and a protected service of your own; docs/deploy.md puts the plugin into your Kong.`

const { keep, gateway, explore, port } = options()
const coloured = process.stdout.isTTY && process.env['NO_COLOR'] === undefined
const paint = (style: Parameters<typeof styleText>[0], text: string) =>
  coloured ? styleText(style, text) : text
const print = (line = '') => process.stdout.write(`${line}\n`)

if (explore) await exploreUntilStopped()

const PARTS = {
  kong: 'issuer, upstream, plugin server and gateway',
  envoy: 'issuer, upstream, oathmesh-envoy and Envoy',
} as const
print(`Starting ${PARTS[gateway]} on 127.0.0.1 …`)
const stack = await { kong: startKongDemo, envoy: startEnvoyDemo }[gateway]()
let differences = 0
try {
  for await (const { title, told, differs } of play(stack, process.stdout.isTTY)) {
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
    if (!keep) print(NEXT)
  }
  if (keep && differences === 0) await untilStopped()
} finally {
  await stack.stop()
}
process.exit(differences === 0 ? 0 : 1)

/** Ends the process where what was asked for cannot be had. */
function options() {
  try {
    return demoOptions(process.argv.slice(2))
  } catch (cause) {
    process.stderr.write(`demo: ${errorMessage(cause)}\n`)
    process.exit(2)
  }
}

/** Serves the explorer until it is interrupted, and ends the process. */
async function exploreUntilStopped(): Promise<never> {
  print('Starting issuer, Redis, gateways and what decides for them on 127.0.0.1 …')
  const explorer = await startDemoExplorer(port)
  print(`Open ${explorer.url}`)
  print('Ctrl-C ends it.')
  await interrupted()
  await explorer.stop()
  process.exit(0)
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve())
  })
}

async function untilStopped(): Promise<void> {
  print()
  print('Still running. Try it from another terminal, in this folder:')
  print()
  for (const line of commands(stack)) print(`  ${line}`)
  print()
  print('Ctrl-C ends it.')
  await interrupted()
}

/** To paste as they stand: a call that passes, one that is refused and says why, and a token used twice. */
function commands({ issuer, gatewayUrl }: DemoStack): readonly string[] {
  const environment = Object.entries(issuer.environment).map(([name, value]) => `${name}=${value}`)
  const url = `${gatewayUrl}/inventory`
  return [
    `export ${environment.join(' ')}`,
    `npx oathmesh curl ${url}`,
    `npx oathmesh curl --explain --act stock.write ${url}`,
    `T=$(npx oathmesh token); for _ in 1 2; do curl -i -H "Authorization: OathMesh $T" ${url}; done`,
  ]
}
