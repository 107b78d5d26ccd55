import { stringify } from 'yaml'
import { oathmeshProgram } from '../../../cli/program.ts'
import { runCli } from '../../../cli/terminal/run-cli.ts'
import { githubClaims, OidcProviderServer } from '../../../testkit/oidc-provider.ts'
import { TestProxy } from '../../../testkit/test-proxy.ts'
import { API, githubProvider, temporaryFolder } from '../../issuer/fixture.ts'
import { fakeIo } from '../fake-io.ts'
import { issuerConfig } from './config.ts'

const PROVIDER = 'http://provider.test'
const before = process.env['http_proxy']

afterEach(() => {
  if (before === undefined) delete process.env['http_proxy']
  else process.env['http_proxy'] = before
})

test('an issuer asks a provider through the proxy of its environment', async () => {
  const folder = temporaryFolder()
  const github = await OidcProviderServer.start()
  const proxy = await new TestProxy(1).start()
  process.env['http_proxy'] = `http://user:planted-pass@127.0.0.1:${proxy.port}`
  const { keys: _, allowHttp: __, ...provider } = githubProvider(PROVIDER)
  const oidc = [{ ...provider, jwks_uri: `${PROVIDER}/jwks`, allow_http: true }]
  const config = folder.write('issuer.yaml', stringify({ ...(await issuerConfig()), oidc }))
  const claims = { ...githubClaims(Math.floor(Date.now() / 1000)), iss: PROVIDER }
  const token = folder.write('token.jwt', github.token(claims))
  const io = fakeIo()
  const wanted = ['--config', config, '--aud', API, '--act', 'a', `@${token}`]
  await runCli(oathmeshProgram(io), ['issuer', 'explain', ...wanted], io)
  expect(proxy.asked).toContain(`GET ${PROVIDER}/jwks`)
  expect(io.written.stdout).toContain(`provider  ${PROVIDER}\n`)
  expect(`${io.written.stdout}${io.written.stderr}`).not.toContain('planted')
  await Promise.all([proxy.stop(), github.stop()])
  folder.remove()
})
