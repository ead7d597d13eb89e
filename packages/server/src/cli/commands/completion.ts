import { Argument, type Command } from 'commander'
import { completionScript, type Shell, shells } from '../console/completion-script.ts'
import { withExample } from '../console/example.ts'

export function addCompletion(program: Command): void {
  withExample(
    program
      .command('completion')
      .addArgument(new Argument('<shell>').choices(shells))
      .description(`completion for a shell: ${shells.join(', ')}`),
    'source <(tidings completion bash)',
    'tidings completion fish > ~/.config/fish/completions/tidings.fish',
  ).action((shell: Shell) => {
    process.stdout.write(completionScript(shell, program))
  })
}
