import type { RegistryKind, RegistryRecords } from '../core/registry/registry.ts'
import type { Directory } from './directory.ts'
import type { RegistryWrite } from './registry-store.ts'

interface KindRules<T> {
  idOf(record: T): string
  /** A key that no two live records of the kind may share. */
  uniqueKeyOf(record: T): string | undefined
}

const rules: { readonly [K in RegistryKind]: KindRules<RegistryRecords[K]> } = {
  tenant: { idOf: ({ id }) => String(id), uniqueKeyOf: () => undefined },
  integration: { idOf: ({ id }) => id, uniqueKeyOf: ({ clientId }) => clientId },
  token: { idOf: ({ id }) => id, uniqueKeyOf: ({ hash }) => hash },
  key: { idOf: ({ id }) => id, uniqueKeyOf: ({ hash }) => hash },
  subscription: { idOf: ({ id }) => id, uniqueKeyOf: ({ number }) => String(number) },
  deletedSubscription: { idOf: ({ number }) => String(number), uniqueKeyOf: () => undefined },
  eventType: { idOf: ({ type }) => type, uniqueKeyOf: () => undefined },
  dialectRecord: { idOf: ({ id }) => id, uniqueKeyOf: () => undefined },
  resend: { idOf: ({ id }) => id, uniqueKeyOf: () => undefined },
  endedToken: { idOf: ({ id }) => id, uniqueKeyOf: () => undefined },
  endedGrant: { idOf: ({ id }) => id, uniqueKeyOf: () => undefined },
  session: { idOf: ({ id }) => id, uniqueKeyOf: () => undefined },
  signInLink: { idOf: ({ id }) => id, uniqueKeyOf: ({ hash }) => hash },
}

/** Writes a record. With `ifRevision` only if its revision is still that one; 0: only if there is none. */
export function putRecord<K extends RegistryKind>(
  kind: K,
  value: RegistryRecords[K],
  ifRevision?: number,
): RegistryWrite {
  const uniqueKey = rules[kind].uniqueKeyOf(value)
  return {
    kind,
    id: rules[kind].idOf(value),
    value,
    ...(ifRevision === undefined ? {} : { ifRevision }),
    ...(uniqueKey === undefined ? {} : { uniqueKey }),
  } as RegistryWrite
}

export function dropRecord(kind: RegistryKind, id: string, ifRevision?: number): RegistryWrite {
  return { kind, id, value: null, ...(ifRevision === undefined ? {} : { ifRevision }) }
}

/**
 * Writes a record as it is, so that the commit fails if another node changes or deletes it at the
 * same time: a token never comes into being beside the deletion of its tenant.
 */
export function guardRecord<K extends RegistryKind>(
  kind: K,
  value: RegistryRecords[K],
  directory: Directory,
): RegistryWrite {
  return putRecord(kind, value, directory.revisionOf(kind, rules[kind].idOf(value)))
}
