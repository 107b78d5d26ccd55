import { attributes, hcl } from './hcl.ts'
import type { Snippet, SnippetEntity } from './snippet.ts'

/**
 * Resources of Kong's Terraform provider for Konnect, for a control plane and services that the reader's
 * own files call `konnect_gateway_control_plane.main` and `konnect_gateway_service.<name>`.
 */
export function toTerraform({ about, entities }: Snippet): string {
  return `# ${about}\n${entities.map(resource).join('\n')}`
}

function resource({ label, plugin, on, enabled, tags, config }: SnippetEntity): string {
  const place = on && `{ id = konnect_gateway_${on.kind}.${identifier(on.name)}.id }`
  const members: readonly (readonly [string, string])[] = [
    ['name', hcl(plugin)],
    ['control_plane_id', 'konnect_gateway_control_plane.main.id'],
    ...(on && place ? [[on.kind, place] as const] : []),
    ...(enabled === undefined ? [] : [['enabled', String(enabled)] as const]),
    ...(tags ? [['tags', hcl(tags)] as const] : []),
    ['config', hcl(config, '  ')],
  ]
  const head = `resource "konnect_gateway_custom_plugin" "${identifier(label)}" {`
  return `${head}\n${attributes(members, '  ')}}\n`
}

function identifier(name: string): string {
  const word = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')
  return /^[a-z]/.test(word) ? word : `_${word}`
}
