import type { Command } from 'commander'
import { completionScript, shells } from '../completion-script.ts'
import { withExample } from '../example.ts'
import { UsageError } from '../usage-error.ts'

export function addCompletion(program: Command): void {
  withExample(
    program.command('completion <shell>').description(`completion for a shell: ${shells.join(', ')}`),
    'source <(tidings completion bash)',
    'tidings completion fish > ~/.config/fish/completions/tidings.fish',
  ).action((name: string) => {
    const shell = shells.find((known) => known === name)
    if (!shell) throw new UsageError(`there is completion for ${shells.join(', ')}, not for ${name}`)
    process.stdout.write(completionScript(shell, program))
  })
}
