import { getSystemErrorMessage } from 'node:util'

/** Where the system's own words say what happened underneath, and not what is wrong. */
const plainer: Readonly<Record<string, string>> = {
  EEXIST: 'a file stands where a directory is needed',
  ENOTDIR: 'a part of the path is a file, not a directory',
  EISDIR: 'it is a directory, not a file',
  ENOTFOUND: 'nobody knows this name',
  EAI_AGAIN: 'the name server does not answer',
  EADDRNOTAVAIL: 'this machine has no such address',
  EINVAL: 'the system does not take it',
}

/**
 * Why the system refused something, for people: `permission denied`, where the error's own message is
 * `EACCES: permission denied, open '…'`. Of another error it is the message.
 */
export function systemWords(error: unknown): string {
  const { code, errno, message } = error as NodeJS.ErrnoException
  if (code !== undefined && plainer[code] !== undefined) return plainer[code]
  return typeof errno === 'number' ? getSystemErrorMessage(errno) : message
}
