import { AppError } from '../../core/errors.ts'

/**
 * This node's lease has ended: others own its shares, and send and settle for them. Nothing that the process does
 * counts any more, so it is to end at once. To drain would be to go on sending what others send now.
 */
export class FencedError extends AppError {
  constructor() {
    super(
      'shutting_down',
      'Another node has taken over the work of this one, which was silent for too long. This process ends at once. Start it again to take part again.',
    )
    this.name = 'FencedError'
  }
}
