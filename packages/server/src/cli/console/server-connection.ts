import { Tidings } from '@tidings/client'
import { type Command, Option } from 'commander'
import { Output } from './output.ts'
import { UsageError } from './usage-error.ts'

export interface ConnectionFlags {
  readonly url: string
  readonly key?: string
  readonly clientId?: string
  readonly clientSecret?: string
  readonly json?: boolean
  readonly color?: boolean
}

/** The flags of every command that speaks to a server. */
export function withConnection(command: Command): Command {
  return command
    .optionsGroup('Connection:')
    .addOption(urlOption())
    .addOption(new Option('--key <key>', 'a key or an access token; else TIDINGS_ADMIN_KEY').env('TIDINGS_KEY'))
    .addOption(new Option('--client-id <id>', "an integration's client id").env('TIDINGS_CLIENT_ID'))
    .addOption(new Option('--client-secret <secret>', 'and its client secret').env('TIDINGS_CLIENT_SECRET'))
}

const defaultUrl = 'http://127.0.0.1:8080'

/** An empty variable counts as unset: Compose files write `${X:-}`. */
export function urlOption(): Option {
  return new Option('--url <url>', "the server's address")
    .env('TIDINGS_URL')
    .default(defaultUrl)
    .argParser((given) => given || defaultUrl)
}

/** With what a command was authenticated, for the advice when it is refused. */
export function identityOf(flags: Partial<ConnectionFlags>): 'none' | 'key' | 'client' {
  const { key, clientId } = credentialsOf(flags)
  if (clientId !== undefined) return 'client'
  return key === undefined ? 'none' : 'key'
}

export interface ServerConnection {
  readonly client: Tidings
  readonly out: Output
  readonly url: string
  readonly identity: 'none' | 'key' | 'client'
}

/** @throws UsageError when the flags contradict each other. */
export function openConnection(command: Command): ServerConnection {
  const flags = command.optsWithGlobals<ConnectionFlags>()
  const isGiven = (name: string) => command.getOptionValueSource(name) === 'cli'
  if (isGiven('key') && isGiven('clientId')) throw new UsageError('give --key or --client-id, not both')
  const { key, clientId, clientSecret } = isGiven('key')
    ? { ...credentialsOf(flags), clientId: undefined }
    : credentialsOf(flags)
  if (clientId !== undefined && clientSecret === undefined)
    throw new UsageError('--client-id needs --client-secret (or TIDINGS_CLIENT_SECRET)')
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key))
    throw new UsageError('the key holds characters that no key has, as spaces or letters with accents: copy it again')
  try {
    // A person sees what went wrong at once and decides; a program has the SDK.
    const client = new Tidings({ url: flags.url, key, clientId, clientSecret, maxAttempts: 1 })
    return { client, out: new Output(flags), url: flags.url, identity: clientId ? 'client' : key ? 'key' : 'none' }
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`--url ${flags.url}: ${error.message}`)
    throw error
  }
}

function credentialsOf(flags: Partial<ConnectionFlags>) {
  return {
    // An empty environment variable is as good as none.
    key: flags.key || process.env.TIDINGS_ADMIN_KEY || undefined,
    clientId: flags.clientId || undefined,
    clientSecret: flags.clientSecret || undefined,
  }
}
