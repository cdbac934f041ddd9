import { constants, fstatSync, openSync } from 'node:fs'

/**
 * The same pipe, so that writing to it fails where it would have to wait: its reader may be stuck, and a
 * hook must not be. Opened anew, for others write to it too. Anything else, and a pipe that cannot be
 * opened (another user's, no /proc), is left as it is.
 */
export function withoutWaiting(descriptor: number): number {
  try {
    if (!fstatSync(descriptor).isFIFO()) return descriptor
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch {
    return descriptor
  }
}
