import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs'

/** The kubelet reads no more of it (Kubernetes, Determine the Reason for Pod Failure). */
const mostBytes = 4_096

/**
 * Leaves the outcome where `kubectl describe pod` shows it after the container's end.
 *
 * @returns Why it could not be left; undefined when it was.
 */
export function leaveTerminationMessage(path: string, text: string): string | undefined {
  try {
    // Not created: outside a container there is no such file, and nobody to read it.
    const file = openSync(path, 'r+')
    try {
      ftruncateSync(file)
      writeSync(file, Buffer.from(text).subarray(0, mostBytes))
    } finally {
      closeSync(file)
    }
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error)
  }
}
