import { constants, openSync, readFileSync } from 'node:fs'

/**
 * What an exec hook writes is thrown away by the kubelet unless the hook fails: its log has to go
 * where the container's own goes, the stdout of process 1.
 *
 * @returns A file descriptor; none where this is no exec hook, or that output cannot be had.
 */
export function containerLog(): number[] {
  return cameFromOutside() ? openToAppend('/proc/1/fd/1') : []
}

/**
 * None where it cannot be opened: another user's, no /proc, a socket, which has no name to open, or a
 * pipe that nobody reads.
 */
export function openToAppend(path: string): number[] {
  try {
    return [openSync(path, toAppend)]
  } catch {
    return []
  }
}

const toAppend = constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK

/** A process that was put into a container has a parent outside it, shown as 0, and no process 1 above. */
function cameFromOutside(): boolean {
  try {
    let pid = process.pid
    while (pid > 1) {
      // "PID (COMMAND) STATE PPID ...": the command may have blanks and parentheses of its own (proc(5)).
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      pid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    }
    return pid === 0
  } catch {
    return false
  }
}
