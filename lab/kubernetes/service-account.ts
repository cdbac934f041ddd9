import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What the kubelet mounts into the containers of a pod: its service account and message files. */
export interface Mounts {
  /** The folder of a pod's service account: `token`, `ca.crt`, `namespace`. */
  readonly directory: string
  putToken(token: string): void
  /** The file of a container's termination message. */
  messagePath(container: string): string
  /** What a container left in it. */
  message(container: string): string
  remove(): void
}

export function mount(ca: string, namespace: string): Mounts {
  const root = mkdtempSync(join(tmpdir(), 'draingate-lab-'))
  const directory = join(root, 'serviceaccount')
  mkdirSync(directory)
  writeFileSync(join(directory, 'ca.crt'), ca)
  writeFileSync(join(directory, 'namespace'), namespace)
  return {
    directory,
    putToken: (token) => writeFileSync(join(directory, 'token'), token),
    messagePath(container) {
      const path = join(root, `${container}.message`)
      // There before the container starts, as a mount is.
      writeFileSync(path, '', { flag: 'a' })
      return path
    },
    message: (container) => readFileSync(join(root, `${container}.message`), 'utf8'),
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}
