import type { EventType } from '@tidings/client'
import { type Command, Option } from 'commander'
import { dialectNames } from '../../core/dialect/dialect-names.ts'
import { withExample } from '../console/example.ts'
import { readInputFile } from '../console/input-file.ts'
import { openConnection, withConnection } from '../console/server-connection.ts'
import type { Column } from '../console/table.ts'
import { UsageError } from '../console/usage-error.ts'

export function addEventTypes(program: Command): void {
  const eventTypes = withExample(
    program.command('event-types').description('the catalogue: what can be published'),
    'tidings event-types list --dialect fortnox',
  )

  withExample(
    withConnection(
      eventTypes
        .command('list')
        .description('all event types')
        .addOption(new Option('--dialect <name>', 'only those with a name in this dialect').choices(dialectNames))
        .option('--match <text>', 'only those whose type, topic or name contains this'),
    ),
    'tidings event-types list --dialect tripletex --match invoice',
  ).action(async (flags: { dialect?: string; match?: string }, command: Command) => {
    const { client, out } = openConnection(command)
    const all = await Array.fromAsync(client.eventTypes.list({ dialect: flags.dialect }))
    const wanted = flags.match?.toLowerCase()
    const shown = wanted ? all.filter((type) => textOf(type).includes(wanted)) : all
    const { dialect } = flags
    const columns: readonly Column<EventType>[] = [
      { title: 'TYPE', value: (type) => type.type },
      { title: 'TOPIC', value: (type) => type.topic },
      dialect
        ? { title: dialect.toUpperCase(), value: (type) => type.names[dialect] ?? '', isFlexible: true }
        : { title: 'DIALECTS', value: (type) => Object.keys(type.names).join(' '), isFlexible: true },
    ]
    await out.list(shown, columns, 'No event type is like that.')
  })

  withExample(
    withConnection(eventTypes.command('get <type>').description('one event type')),
    'tidings event-types get invoice.updated',
  ).action(async (name: string, _flags, command: Command) => {
    const { client, out } = openConnection(command)
    const type = await client.eventTypes.get(name)
    await out.result(type, () =>
      out.fields({
        type: type.type,
        topic: type.topic,
        description: type.description,
        attributes: type.attributes.map((attribute) => `${attribute.name} (${attribute.type})`).join(', ') || null,
        ...type.names,
        dataSchema: type.dataSchema,
      }),
    )
  })

  withExample(
    withConnection(
      eventTypes
        .command('put <type> <definition>')
        .description('adds or replaces a type; the definition is a JSON file'),
    ),
    'tidings event-types put parcel.shipped parcel-shipped.json',
  ).action(async (name: string, file: string, _flags, command: Command) => {
    const { client, out } = openConnection(command)
    const type = await client.eventTypes.put(name, definitionIn(file))
    await out.result(type, () => out.line(`Event type ${type.type} is in topic ${type.topic}.`))
  })

  withExample(
    withConnection(
      eventTypes
        .command('delete <type>')
        .description('deletes an added type; a type that replaced a built-in one becomes the built-in one again'),
    ),
    'tidings event-types delete parcel.shipped',
  ).action(async (name: string, _flags, command: Command) => {
    const { client, out } = openConnection(command)
    await client.eventTypes.delete(name)
    await out.result({ deleted: name }, () => out.line(`Event type ${name} was deleted.`))
  })
}

function definitionIn(file: string): object {
  const text = readInputFile(file)
  try {
    return JSON.parse(text) as object
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${(error as Error).message}`)
  }
}

function textOf(type: EventType): string {
  return [type.type, type.topic, ...Object.values(type.names)].join(' ').toLowerCase()
}
