import type { Command, Option } from 'commander'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

interface Word {
  readonly text: string
  readonly description: string
}

/** What can follow a command's words. */
interface CommandPlace {
  /** As `subscriptions create`; empty for the program. */
  readonly path: string
  readonly commands: readonly Word[]
  /** What its arguments may be, where that is known. */
  readonly values: readonly string[]
  readonly options: readonly (Word & { readonly takesValue: boolean; readonly choices: readonly string[] })[]
}

/** Made from the commands themselves, so that it knows all of them. */
export function completionScript(shell: Shell, program: Command): string {
  const places = placesOf(program, '')
  switch (shell) {
    case 'bash':
      return bashScript(places)
    case 'zsh':
      // zsh runs bash's completions, words and all, through its own bridge.
      return `#compdef tidings\nautoload -Uz compinit bashcompinit\nwhence compdef >/dev/null || compinit\nbashcompinit\n${bashScript(places)}`
    case 'fish':
      return fishScript(places)
  }
  shell satisfies never
}

function placesOf(command: Command, path: string): readonly CommandPlace[] {
  const help = command.createHelp()
  help.showGlobalOptions = true
  const commands = help.visibleCommands(command).filter((next) => next.name() !== 'help')
  const place = {
    path,
    commands: commands.map((next) => ({ text: next.name(), description: next.description() })),
    values: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    options: [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)].flatMap(optionWords),
  }
  return [place, ...commands.flatMap((next) => placesOf(next, `${path} ${next.name()}`.trim()))]
}

function optionWords(option: Option): CommandPlace['options'] {
  if (!option.long) return []
  const takesValue = option.required || option.optional
  return [{ text: option.long, description: option.description, takesValue, choices: choicesOf(option) }]
}

/** Those of the option, or those that its placeholder lists, as `--allow-http <true|false>`. */
function choicesOf({ argChoices, flags }: Option): readonly string[] {
  return argChoices ?? /<([\w-]+(?:\|[\w-]+)+)>/.exec(flags)?.[1]?.split('|') ?? []
}

function bashScript(places: readonly CommandPlace[]): string {
  const cases = places
    .map(({ path, commands, values, options }) => {
      const words = [...[...commands, ...options].map(({ text }) => text), ...values].join(' ')
      return `    '${path}') words='${words}' ;;`
    })
    .join('\n')
  const choices = places
    .flatMap(({ path, options }) =>
      options
        .filter((option) => option.choices.length > 0)
        .map((option) => `    '${path} ${option.text}') words='${option.choices.join(' ')}' ;;`),
    )
    .join('\n')
  const valued = unique(places.flatMap(({ options }) => options.filter((option) => option.takesValue)))
  const known = places.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`)
  return `_tidings() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} path= words= word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case "\${path:+$path }$word" in
    ${known.join('|')}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path $previous" in
${choices}
  esac
  if [ -n "$words" ]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  case "$previous" in
    ${valued.join('|')}) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  case "$path" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [ \${#COMPREPLY[@]} -eq 0 ]; then COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _tidings tidings
`
}

function fishScript(places: readonly CommandPlace[]): string {
  const lines = places.flatMap(({ path, commands, values, options }) => {
    const isHere = `__tidings_is_at ${path}`.trim()
    return [
      ...values.map((value) => `complete -c tidings -f -n ${quoted(isHere)} -a ${value}`),
      ...commands.map(
        ({ text, description }) => `complete -c tidings -f -n ${quoted(isHere)} -a ${text} -d ${quoted(description)}`,
      ),
      ...options.map(({ text, description, takesValue, choices }) => {
        const value = takesValue ? (choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : ' -r') : ''
        return `complete -c tidings -n ${quoted(isHere)} -l ${text.slice(2)} -d ${quoted(description)}${value}`
      }),
    ]
  })
  const known = places.filter(({ path }) => path !== '').map(({ path }) => quoted(path))
  return `# The words so far that are commands must be exactly those given.
function __tidings_is_at
    set -l known ${known.join(' ')}
    set -l path ''
    for word in (commandline -opc)[2..-1]
        set -l longer (string trim "$path $word")
        if contains -- "$longer" $known
            set path $longer
        end
    end
    test "$path" = "$argv"
end
${lines.join('\n')}
`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

function unique(options: readonly { readonly text: string }[]): readonly string[] {
  return [...new Set(options.map(({ text }) => text))]
}
