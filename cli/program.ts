import { Command } from 'commander'
import { version } from '../package.json'
import { auditCommand } from './audit/audit-command.ts'
import { curlCommand } from './call/curl-command.ts'
import { tokenCommand } from './call/token-command.ts'
import { completionCommand } from './completion/completion-command.ts'
import { envoyCommand } from './envoy/envoy-command.ts'
import { explainTokenCommand } from './explain/explain-command.ts'
import { exploreCommand } from './explore/explore-command.ts'
import { initCommand } from './init/init-command.ts'
import { clientSecretCommand } from './issuer/client-secret-command.ts'
import { issuerCommand } from './issuer/issuer-command.ts'
import { keysCommand } from './issuer/keys-command.ts'
import { serveCommand } from './issuer/serve-command.ts'
import { jwksCommand } from './keygen/jwks-command.ts'
import { keygenCommand } from './keygen/keygen-command.ts'
import { kongCommand } from './kong/kong-command.ts'
import { policyCommand } from './policy/policy-command.ts'
import {
  revocationsCommand,
  revokeCommand,
  unrevokeCommand,
} from './revocation/revocation-commands.ts'
import { statusCommand } from './status/status-command.ts'
import type { CliIo } from './terminal/io.ts'
import { inspectCommand } from './token/inspect-command.ts'
import { mintCommand } from './token/mint-command.ts'

/** The `oathmesh` program with all its groups of commands. */
export function oathmeshProgram(io: CliIo): Command {
  return new Command('oathmesh')
    .description('Tools for single-use machine tokens behind Kong and Envoy')
    .version(version)
    .addCommand(initCommand(io))
    .addCommand(keygenCommand(io))
    .addCommand(jwksCommand(io))
    .addCommand(mintCommand(io))
    .addCommand(inspectCommand(io))
    .addCommand(explainTokenCommand(io))
    .addCommand(exploreCommand(io))
    .addCommand(revokeCommand(io))
    .addCommand(unrevokeCommand(io))
    .addCommand(revocationsCommand(io))
    .addCommand(tokenCommand(io))
    .addCommand(curlCommand(io))
    .addCommand(completionCommand(io))
    .addCommand(auditCommand(io))
    .addCommand(serveCommand(io))
    .addCommand(issuerCommand(io))
    .addCommand(keysCommand(io))
    .addCommand(clientSecretCommand(io))
    .addCommand(kongCommand(io))
    .addCommand(envoyCommand(io))
    .addCommand(policyCommand(io))
    .addCommand(statusCommand(io))
}
