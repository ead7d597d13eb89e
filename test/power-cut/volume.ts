import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH: from now on nothing more reaches the volume,
 * not even its journal, as if the power had gone. What was synced is there after the next mount,
 * what was only written is not.
 */
const cutScript = `
  open(my $volume, '<', $ARGV[0]) or die "open: $!";
  my $flags = pack('L', 2);
  ioctl($volume, 0x8004587D, $flags) or die "ioctl: $!";
`

/** An ext4 file system in a file, whose power can be cut. Needs root and loop devices. */
export class Volume {
  readonly #root: string
  #image: string
  readonly path: string
  #isMounted = false

  constructor(mebibytes = 96) {
    this.#root = mkdtempSync(join(tmpdir(), 'tidings-volume-'))
    this.#image = join(this.#root, 'image')
    this.path = join(this.#root, 'mount')
    mkdirSync(this.path)
    try {
      run('truncate', '-s', `${mebibytes}M`, this.#image)
      run('mkfs.ext4', '-q', '-F', this.#image)
      this.#mount()
    } catch (error) {
      this.remove()
      throw error
    }
  }

  /**
   * After `cutPower`: what had reached the disk, mounted anew; the journal is replayed. It is a copy of the disk,
   * because whatever still holds the old mount (a mount namespace that was made meanwhile is enough) keeps the
   * file system that lost its power alive, and the kernel would give that very one again: EIO on every file.
   */
  restorePower(): void {
    const image = `${this.#image}+`
    // First the end of the old mount: by then nothing is on its way to the disk, and the copy is of one moment.
    this.unmount()
    run('cp', '--sparse=always', this.#image, image)
    rmSync(this.#image)
    this.#image = image
    this.#mount()
  }

  #mount(): void {
    run('mount', '-o', 'loop', this.#image, this.path)
    this.#isMounted = true
  }

  unmount(): void {
    run('umount', this.path)
    this.#isMounted = false
  }

  makeReadOnly(): void {
    run('mount', '-o', 'remount,ro', this.path)
  }

  /**
   * Whoever still runs sees what no real power cut shows: a sync that was under way may report success
   * for what is gone (ext4 takes its aborted commit for a finished one, in about one cut of ten). So only
   * what was acknowledged before the call was promised.
   */
  cutPower(): void {
    run('perl', '-e', cutScript, this.path)
  }

  /** @throws Error when the file system was damaged */
  check(): void {
    run('e2fsck', '-f', '-n', this.#image)
  }

  remove(): void {
    if (this.#isMounted) this.unmount()
    rmSync(this.#root, { recursive: true, force: true })
  }
}

/** Why this machine cannot cut the power of a volume; undefined when it can. */
export function obstacle(): string | undefined {
  try {
    new Volume().remove()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function run(command: string, ...given: string[]): void {
  // Where the tools of file systems are, which root does not have in its path after `su`.
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }
  const { status, error, stderr } = spawnSync(command, given, { encoding: 'utf8', env })
  if (error) throw new Error(`${command}: ${error.message}`)
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr.trim()}`)
}
