import { createPublicKey, verify } from 'node:crypto'
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js'
import { readCheckRequest } from '../../envoy/wire/check-request.ts'
import { writeCheckResponse } from '../../envoy/wire/check-response.ts'
import { KEYS } from '../../testkit/keys.ts'
import { bytesMethod } from './bytes-method.ts'

/**
 * What nobody may run: it allows everything. `SOCKET` is where; with `VERIFY` it checks one signature a call, which
 * is the least that a service of this kind has to do.
 */
const key = createPublicKey(KEYS.trusted.privateKey)
const ALLOW = writeCheckResponse({
  kind: 'ok',
  headers: [
    ['x-oathmesh-decision', 'allow'],
    ['x-oathmesh-subject', 'agent://repo/acme/deploy-bot'],
    ['x-oathmesh-action', 'inventory.write'],
    ['x-oathmesh-issuer', 'https://issuer.example.test'],
    ['x-oathmesh-token-id', '00000000-0000-4000-8000-000000000000'],
  ],
  remove: ['authorization'],
  metadata: {
    decision: 'allow',
    subject: 'agent://repo/acme/deploy-bot',
    action: 'inventory.write',
  },
})

const server = new Server({ 'grpc.enable_channelz': 0 })
server.addService(
  { Check: bytesMethod('/envoy.service.auth.v3.Authorization/Check') },
  {
    Check({ request }: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) {
      const { headers } = readCheckRequest(request)
      if (process.env['VERIFY'] !== undefined && !isSigned(headers)) answer({ code: 13 })
      else answer(null, ALLOW)
    },
  },
)
server.bindAsync(`unix:${process.env['SOCKET']}`, ServerCredentials.createInsecure(), (fault) => {
  process.stderr.write(fault === null ? 'listening on it\n' : `${fault.message}\n`)
})

function isSigned(headers: readonly (readonly [string, string])[]): boolean {
  const value = headers.find(([name]) => name === 'authorization')?.[1] ?? ''
  const token = value.slice('OathMesh '.length)
  const dot = token.lastIndexOf('.')
  const signature = Buffer.from(token.slice(dot + 1), 'base64url')
  return verify(null, Buffer.from(token.slice(0, dot)), key, signature)
}
