import type { Claims } from '../../../lib/token/claims.ts'

/** Proven claims of an ordinary call, with some replaced. */
export function claimsWith(claims: Partial<Claims> = {}): Claims {
  return {
    iss: 'https://issuer.example',
    sub: 'svc://shop/checkout',
    aud: 'https://api.example',
    act: 'orders.read',
    iat: 1_774_911_100,
    exp: 1_774_911_160,
    jti: '7b0e1a52-3f0f-4b59-8f3c-0a4d54a8f1a3',
    ...claims,
  }
}
