import type { Command } from 'commander'

/** One command as completion needs it. */
export interface CommandNode {
  /** From the program on, such as `/kong/lint`; empty for the program itself. */
  readonly path: string
  readonly children: readonly { readonly names: readonly string[]; readonly about: string }[]
  readonly options: readonly { readonly flags: readonly string[]; readonly about: string }[]
}

/** Every command of a program, the program first. */
export function commandTree(program: Command): readonly CommandNode[] {
  return nodes(program, [''])
}

function nodes(command: Command, paths: readonly string[]): readonly CommandNode[] {
  const help = { flags: ['-h', '--help'], about: 'display help for command' }
  const options = command.options.map(({ short, long, description }) => ({
    flags: [short, long].filter((flag) => flag !== undefined && flag !== null),
    about: description,
  }))
  const children = command.commands.map((child) => ({
    names: [child.name(), ...child.aliases()],
    about: child.description(),
  }))
  const below = command.commands.flatMap((child) => {
    const names = [child.name(), ...child.aliases()]
    return nodes(
      child,
      paths.flatMap((path) => names.map((name) => `${path}/${name}`)),
    )
  })
  return [...paths.map((path) => ({ path, children, options: [...options, help] })), ...below]
}
