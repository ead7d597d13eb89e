/** Types and classes that stand for the same role in several files, and why. */
export const sharedNames: Readonly<Record<string, string>> = {
  ...of('a part of every state machine, beside its states', 'Effect', 'Input', 'Step'),
  ...of('what the routes of one dialect need of their host', 'Host', 'SubscriptionHost'),
  ...of(
    'a port that its consumer declares, and the class that serves it',
    'CredentialChanges',
    'Credentials',
    'DialectRecords',
    'EventBodies',
    'LastAttempts',
    'RequestLimits',
    'RequestedBelongings',
    'ResendRuns',
    'Secrets',
    'SubscriptionLookUp',
    'SubscriptionMaking',
    'Tenants',
    'ViewerTenants',
  ),
}

/** Names of files that stand for the same role in several folders, and why. */
export const sharedFiles: Readonly<Record<string, string>> = {
  ...of('a port of matching, and what the registry serves it with', 'grant-history.ts', 'grants.ts'),
  ...of('a port of streams, and what the registry serves it with', 'stream-authority.ts'),
  ...of('the records of the registry, and what changes them', 'registry.ts'),
}

/**
 * Folders in which a file is named by the subject that it shows, checks, stores or puts together, or by the role
 * that it has in each of them.
 */
const namedBySubject =
  /^(?:assembly|cli\/(?:commands|doctor)|config\/sections|dialects\/[^/]+|engines\/memory|http\/(?:routes|schemas)|registry\/dialects)\//

/** What is no part of the server: tests, and what only they use. */
const forTests = /\.test\.ts$|(^|\/)fixtures\/|(^|\/)(conformance|samples)(\.ts$|\/)/
const declaration = /^(?:export )?(?:declare )?(?:abstract )?(?:class|interface|type|enum) (\w+)/gm

export interface Repeated {
  readonly name: string
  readonly files: readonly string[]
}

/** Types and classes that are declared at the top of more than one file. @param sources by path below `packages/server/src` */
export function repeatedTypes(sources: ReadonlyMap<string, string>): Repeated[] {
  const declared = [...sources].map(
    ([file, source]) => [file, [...source.matchAll(declaration)].map((match) => match[1]!)] as const,
  )
  return repeated(declared.filter(([file]) => !forTests.test(file)))
}

/** Names of files that occur more than once outside of the folders whose files are named by their subject. */
export function repeatedFiles(files: Iterable<string>): Repeated[] {
  const named = [...files].filter((file) => !forTests.test(file) && !namedBySubject.test(file))
  return repeated(named.map((file) => [file, [file.split('/').at(-1)!]]))
}

/** What `npm run check` refuses: names that stand for two things, and reasons that nothing needs any more. */
export function nameFaults(
  found: readonly Repeated[],
  shared: Readonly<Record<string, string>>,
  list: 'sharedNames' | 'sharedFiles',
): string[] {
  return [
    ...found
      .filter(({ name }) => !Object.hasOwn(shared, name))
      .map(({ name, files }) => `${name} names ${files.length} things: ${files.join(', ')}. Rename all but one`),
    ...Object.keys(shared)
      .filter((name) => !found.some((each) => each.name === name))
      .map((name) => `${name} names one thing now: take it out of \`${list}\` in scripts/names.ts`),
  ]
}

function repeated(namesOf: Iterable<readonly [file: string, names: readonly string[]]>): Repeated[] {
  const filesOf = new Map<string, string[]>()
  for (const [file, names] of namesOf)
    for (const name of new Set(names)) filesOf.set(name, [...(filesOf.get(name) ?? []), file])
  return [...filesOf]
    .filter(([, files]) => files.length > 1)
    .map(([name, files]) => ({ name, files: files.sort() }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function of(reason: string, ...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, reason]))
}
