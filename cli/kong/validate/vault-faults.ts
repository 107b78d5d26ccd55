import { isTable, type Path, pathText } from '../entities/kong-document.ts'
import { fieldSchema, REFERENCEABLE } from './field-schema.ts'

const BEGIN = '{vault://'
/** A vault, a name in it, perhaps a key of a value that has several, perhaps options. */
const WHOLE = /^\{vault:\/\/[^{}/?#]+\/[^{}?#]+(?:\?[^{}#]*)?(?:#\d+)?\}$/

/**
 * Vault references where Kong leaves them as they are, so that the plugin would take the reference for
 * the value. Phrases that begin with the path of the field.
 */
export function vaultFaults(value: unknown, path: Path = []): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((each, at) => vaultFaults(each, [...path, at]))
  if (isTable(value)) {
    return Object.entries(value).flatMap(([name, each]) => vaultFaults(each, [...path, name]))
  }
  if (typeof value !== 'string' || !value.includes(BEGIN)) return []
  if (fieldSchema(path)?.['x-secret'] === undefined) {
    const where = `only in ${REFERENCEABLE.join(', ')}`
    return [`${pathText(path)}: Kong resolves vault references ${where}; write the value itself`]
  }
  if (WHOLE.test(value)) return []
  return [`${pathText(path)}: must be a whole vault reference, {vault://<vault>/<name>}, or none`]
}

/** The configuration as it is once Kong has put values in place of references; theirs stand for them. */
export function resolved(value: unknown, path: Path = []): unknown {
  if (Array.isArray(value)) return value.map((each, at) => resolved(each, [...path, at]))
  if (isTable(value)) {
    const entries = Object.entries(value)
    return Object.fromEntries(
      entries.map(([name, each]) => [name, resolved(each, [...path, name])]),
    )
  }
  if (typeof value !== 'string' || !WHOLE.test(value)) return value
  const field = fieldSchema(path)
  // A reference may be shorter, or longer, than the secret it stands for.
  return field?.['x-secret'] === undefined ? value : 'x'.repeat(field.minLength ?? 1)
}
