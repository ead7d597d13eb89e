import { writeFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { dialectNames } from '../../core/dialect/dialect-names.ts'
import { withExample } from '../console/example.ts'
import { openConnection, withConnection } from '../console/server-connection.ts'
import { UsageError } from '../console/usage-error.ts'
import { catalogueSource } from '../typings/catalogue-source.ts'

export function addGenerate(program: Command): void {
  const generate = withExample(
    program.command('generate').description('writes code for programs that use the server'),
    'tidings generate types --output src/catalogue.ts',
  )

  withExample(
    withConnection(
      generate
        .command('types')
        .description("TypeScript types of the catalogue, for @tidings/client's publish and receive")
        .option('--output <file>', 'writes them there, instead of to standard output')
        .addOption(new Option('--dialect <name>', 'only types with a name in this dialect').choices(dialectNames)),
    ),
    'tidings generate types --output src/catalogue.ts',
  ).action(async ({ output, dialect }: { output?: string; dialect?: string }, command: Command) => {
    const { client, out } = openConnection(command)
    const types = await Array.fromAsync(client.eventTypes.list({ dialect }))
    const source = catalogueSource(types)
    if (output === undefined) return out.result({ source }, () => out.write(source))
    writeTo(output, source)
    await out.result({ output, types: types.length }, () =>
      out.line(`${output} has the types of ${types.length} event types.`),
    )
  })
}

function writeTo(file: string, source: string): void {
  try {
    writeFileSync(file, source)
  } catch (error) {
    throw new UsageError(`${file} cannot be written: ${(error as Error).message}. Give another file with --output.`)
  }
}
