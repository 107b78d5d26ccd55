import { hashSecret } from '../../../issuer/clients/secret-hash.ts'
import { ALLOW_BILLING, SECRET } from '../../issuer/fixture.ts'

/** A configuration that is valid, with a client `billing`. */
export async function issuerConfig(changes: object = {}): Promise<Record<string, unknown>> {
  return {
    issuer: 'https://issuer.acme.example',
    listen: { port: 0 },
    keys: { directory: 'keys' },
    clients: [{ name: 'billing', secret_hashes: [await hashSecret(SECRET)] }],
    rules: [ALLOW_BILLING],
    ...changes,
  }
}
