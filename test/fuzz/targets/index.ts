import type { FuzzTarget } from '../fuzz-target.ts'
import { auditLine } from './audit-line.ts'
import { base64url } from './base64url.ts'
import { checkRequest } from './check-request.ts'
import { cliInput } from './cli-input.ts'
import { configuration } from './configuration.ts'
import { glob } from './glob.ts'
import { jwkSet } from './jwk-set.ts'
import { msgpackFrames } from './msgpack-frames.ts'
import { path } from './path.ts'
import { policyDocument } from './policy-document.ts'
import { protobufFrames } from './protobuf-frames.ts'
import { strictJson } from './strict-json.ts'
import { token } from './token.ts'
import { tokenRequest } from './token-request.ts'

/** Every reader of what strangers, peers and files give us. */
export const TARGETS: readonly FuzzTarget[] = [
  token,
  base64url,
  strictJson,
  jwkSet,
  protobufFrames,
  msgpackFrames,
  checkRequest,
  policyDocument,
  glob,
  path,
  configuration,
  auditLine,
  cliInput,
  tokenRequest,
]
