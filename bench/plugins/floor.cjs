const { createPublicKey, verify } = require('node:crypto')
const { createRequire } = require('node:module')

/** The published key of the vectors. RFC 8032, 7.1, TEST 1. */
const X = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'
const KEY = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: X }, format: 'jwk' })
const POINT = Buffer.from(X, 'base64url')
const sodium = loadSodium()

/**
 * What no plugin of this kind can do with less: the PDK calls of an allowed request and, with `verify`, one
 * verification of the token's signature by the engine that oathmesh would take. Nothing else is checked.
 */
class Plugin {
  constructor({ verify: verifies }) {
    this.verifies = verifies
  }

  async access(kong) {
    const { authorization } = await kong.request.get_headers(1000)
    if (this.verifies && !isSigned(authorization[0])) return kong.response.exit(401)
    await kong.service.request.set_headers({
      authorization: [],
      'X-OathMesh-Subject': 'agent://repo/acme/deploy-bot',
    })
  }
}

function isSigned(authorization) {
  const token = authorization.slice('OathMesh '.length)
  const dot = token.lastIndexOf('.')
  const message = Buffer.from(token.slice(0, dot))
  const signature = Buffer.from(token.slice(dot + 1), 'base64url')
  if (sodium === undefined) return verify(null, message, KEY, signature)
  return sodium.crypto_sign_verify_detached(signature, message, POINT)
}

function loadSodium() {
  try {
    return createRequire(process.argv[1])('sodium-native')
  } catch {
    return undefined
  }
}

module.exports = {
  Plugin,
  Name: 'oathmesh',
  Version: '0.0.0',
  Priority: 1450,
  Schema: [{ verify: { type: 'boolean', required: true } }],
}
