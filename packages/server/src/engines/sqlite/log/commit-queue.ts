import { AppError } from '../../../core/errors.ts'
import type { NewEvent } from '../../../core/event/event.ts'
import type { AppendResult } from '../../../log/event-log.ts'
import { CommitRequestBuilder } from './commit-request.ts'

/** A commit takes what gathered while the one before was under way, up to about this many bytes. */
const commitBytes = 8 * 1024 * 1024
/** More waiting than this is refused: the disk is slower than the publishers. */
const waitingBytes = 64 * 1024 * 1024
/** This much may go to the writer before it has answered, so that it does not idle during the answer. */
const aheadBytes = 1024 * 1024

export interface WaitingAppend {
  readonly events: readonly NewEvent[]
  readonly resolve: (result: AppendResult) => void
  readonly reject: (error: unknown) => void
}

export interface WaitingCommit {
  readonly builder: CommitRequestBuilder
  readonly appends: WaitingAppend[]
}

/** Group commit: gathers appends in call order into commits, at most two of which are with the writer. */
export class CommitQueue {
  readonly #gathering: WaitingCommit[] = []
  readonly #underWay: { readonly commit: WaitingCommit; readonly bytes: number }[] = []
  #underWayBytes = 0

  get isEmpty(): boolean {
    return this.#gathering.length === 0 && this.#underWay.length === 0
  }

  /** @throws AppError `overloaded` */
  add(append: WaitingAppend): void {
    if (this.#bytes() >= waitingBytes) {
      throw new AppError('overloaded', 'The disk cannot keep up with what is published. Try again in a few seconds.', {
        retryAfterSeconds: 1,
      })
    }
    let last = this.#gathering.at(-1)
    if (!last || last.builder.bytes >= commitBytes) {
      last = { builder: new CommitRequestBuilder(), appends: [] }
      this.#gathering.push(last)
    }
    last.builder.add(append.events)
    last.appends.push(append)
  }

  /** The next commit for the writer, if it may have one now. */
  next(): WaitingCommit | undefined {
    const commit = this.#gathering[0]
    if (!commit) return undefined
    const { bytes } = commit.builder
    const mayGo = this.#underWay.length === 0 || (this.#underWay.length === 1 && bytes >= aheadBytes)
    if (!mayGo) return undefined
    this.#gathering.shift()
    this.#underWay.push({ commit, bytes })
    this.#underWayBytes += bytes
    return commit
  }

  /** The writer has answered its oldest commit, which is this one. */
  answered(): WaitingCommit {
    const { commit, bytes } = this.#underWay.shift()!
    this.#underWayBytes -= bytes
    return commit
  }

  /** Everything that waits for an answer, when none will come. */
  abandon(): WaitingAppend[] {
    const commits = [...this.#underWay.splice(0).map(({ commit }) => commit), ...this.#gathering.splice(0)]
    this.#underWayBytes = 0
    return commits.flatMap((commit) => commit.appends)
  }

  #bytes(): number {
    return this.#gathering.reduce((sum, commit) => sum + commit.builder.bytes, this.#underWayBytes)
  }
}
