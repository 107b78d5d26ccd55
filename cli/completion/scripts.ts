import type { CommandNode } from './command-tree.ts'

export type Shell = 'bash' | 'zsh' | 'fish'

type Script = (tree: readonly CommandNode[]) => string

/** A script per shell that completes commands and options, and files where neither fits. */
export const SCRIPTS: Readonly<Record<Shell, Script>> = { bash, zsh, fish }

function bash(tree: readonly CommandNode[]): string {
  const cases = tree.map(
    ({ path, ...node }) => `    '${path}') words=${quoted(wordsOf(node).join(' '))} ;;`,
  )
  return `# oathmesh: completion for bash
_oathmesh() {
  local at= word words=
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$at/$word" in
      ${pathsOf(tree).join('|')}) at="$at/$word" ;;
    esac
  done
  case "$at" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _oathmesh oathmesh
`
}

function zsh(tree: readonly CommandNode[]): string {
  const cases = tree.map(({ path, children, options }) => {
    const commands = children.flatMap(({ names, about }) => names.map((name) => pair(name, about)))
    const flags = options.flatMap((option) => option.flags.map((flag) => pair(flag, option.about)))
    return `    '${path}') commands=(${commands.join(' ')}) options=(${flags.join(' ')}) ;;`
  })
  return `#compdef oathmesh
_oathmesh() {
  local at= word
  local -a commands options
  for word in \${words[2,CURRENT-1]}; do
    case "$at/$word" in
      ${pathsOf(tree).join('|')}) at="$at/$word" ;;
    esac
  done
  case "$at" in
${cases.join('\n')}
  esac
  if [[ $PREFIX == -* ]]; then
    _describe option options -o
  elif (( \${#commands} )); then
    _describe command commands
  else
    _files
  fi
}
if [[ \${funcstack[1]} == _oathmesh ]]; then _oathmesh "$@"; else compdef _oathmesh oathmesh; fi
`
}

function fish(tree: readonly CommandNode[]): string {
  const lines = tree.flatMap(({ path, children, options }) => {
    const start = `complete -c oathmesh -n "__oathmesh_at '${path}'"`
    const commands = children.flatMap(({ names, about }) =>
      names.map((name) => `${start} -f -a ${name} -d ${quoted(about)}`),
    )
    const flags = options.map(
      (option) => `${start} ${fishFlags(option.flags)} -d ${quoted(option.about)}`,
    )
    return [...commands, ...flags]
  })
  return `# oathmesh: completion for fish
function __oathmesh_at
    set -l at ''
    for word in (commandline -opc)[2..-1]
        switch "$at/$word"
            case ${pathsOf(tree).join(' ')}
                set at "$at/$word"
        end
    end
    test "$at" = "$argv[1]"
end
${lines.join('\n')}
`
}

function wordsOf({ children, options }: Omit<CommandNode, 'path'>): readonly string[] {
  return [...children.flatMap(({ names }) => names), ...options.flatMap(({ flags }) => flags)]
}

function pathsOf(tree: readonly CommandNode[]): readonly string[] {
  return tree.map(({ path }) => path).filter((path) => path !== '')
}

/** A word and what it is for, as zsh describes them. */
function pair(word: string, about: string): string {
  return quoted(`${word.replaceAll(':', '\\:')}:${about}`)
}

function fishFlags(flags: readonly string[]): string {
  return flags
    .map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
    .join(' ')
}

/** Within single quotes no shell reads anything; a quote itself becomes a typographic one. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", '’')}'`
}
