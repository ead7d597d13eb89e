import { access, constants, readdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { type Check, fail, ok, warn } from './check.ts'

const name = 'data directory'
const keyFile = 'master.key'

/** Who may do what with the directory, and with what is in it. Null: it is not there, or cannot be looked into. */
export async function checkDataDirectory(
  data: string,
): Promise<{ readonly checks: readonly Check[]; readonly names: readonly string[] | null }> {
  const why = 'The server cannot start, or refuses every publish.'
  const user = `this user (${process.getuid?.() ?? 'unknown'})`
  const found = await stat(data).catch((error: NodeJS.ErrnoException) => error.code)
  if (found === 'ENOENT') {
    const parent = await existing(dirname(resolve(data)))
    if (await may(parent, constants.W_OK))
      return { checks: [ok(name, `${data} is not there yet; the first start makes it`)], names: null }
    const advice = `Make it and give it to the server's user: install -d -m 700 -o <user> ${data}`
    return {
      checks: [fail(name, `${data} is not there, and ${user} cannot make it in ${parent}`, { why, advice })],
      names: null,
    }
  }
  const isClosed = typeof found !== 'object' || !(await may(data, constants.R_OK | constants.X_OK))
  if (isClosed) {
    const advice = `Ask as the user that the server runs as: sudo -u <user> tidings doctor --data ${data}`
    return {
      checks: [fail(name, `${user} cannot look into ${data}`, { why: 'Nothing can be said about the store.', advice })],
      names: null,
    }
  }
  const names = await readdir(data)
  const checks: Check[] = []
  if (!found.isDirectory()) {
    return {
      checks: [fail(name, `${data} is no directory`, { why, advice: 'Give another one: --data.' })],
      names: null,
    }
  }
  if (!(await may(data, constants.W_OK))) {
    const advice = `If the file system is read-only, mount -o remount,rw it; else: chown -R <user> ${data}`
    checks.push(fail(name, `${user} cannot write to ${data}`, { why, advice }))
  }
  if ((found.mode & 0o077) !== 0) {
    const secrets = 'Whoever reads the store has every event, and with master.key every secret.'
    checks.push(
      warn(name, `other users can look into ${data}`, { why: secrets, advice: `Close it: chmod 700 ${data}` }),
    )
  }
  checks.push(...(await checkFiles(data, names, found.uid, why)))
  return { checks: checks.length > 0 ? checks : [ok(name, `${data} is this user's alone`)], names }
}

async function checkFiles(data: string, names: readonly string[], owner: number, why: string): Promise<Check[]> {
  const checks: Check[] = []
  const own = names.filter((each) => /\.(db|db-wal|db-shm|lock|mark|key)$/.test(each)).sort()
  const foreign: string[] = []
  const closed: string[] = []
  for (const each of own) {
    const file = join(data, each)
    const { uid } = await stat(file)
    if (uid !== owner) foreign.push(each)
    else if (!(await may(file, constants.R_OK | (each === keyFile ? 0 : constants.W_OK)))) closed.push(each)
  }
  if (foreign.length > 0) {
    const detail = `${foreign.join(', ')} in ${data}: not the directory owner's`
    const advice = `A command run as root leaves this. Give everything to the owner: chown -R --reference=${data} ${data}`
    checks.push(fail(name, detail, { why, advice }))
  }
  if (closed.length > 0) {
    const detail = `${closed.join(', ')} in ${data} cannot be read and written`
    checks.push(fail(name, detail, { why, advice: `Open them to their owner: chmod u+rw ${data}/*` }))
  }
  return checks
}

/** The nearest directory upwards that there is. */
export async function existing(path: string): Promise<string> {
  return (await stat(path).catch(() => null)) ? path : existing(dirname(path))
}

export function may(path: string, what: number): Promise<boolean> {
  return access(path, what).then(
    () => true,
    () => false,
  )
}
