import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What the kubelet mounts into the containers of a pod: its tokens and message files. */
export interface Mounts {
  /** The folder of the pod's service account: `token`, `ca.crt`, `namespace`. */
  readonly directory: string
  putToken(token: string): void
  /** The file of the token for the lookout, which is there once one was put there. */
  readonly lookoutTokenPath: string
  putLookoutToken(token: string): void
  /** The file of a container's termination message, which is there from now on. */
  messagePath(container: string): string
  /** Takes what a container left in it: the next process of the container finds it empty. */
  takeMessage(container: string): string
  remove(): void
}

/** A temporary folder of a pod; `ca` is PEM. */
export function mount(ca: string, namespace: string): Mounts {
  const root = mkdtempSync(join(tmpdir(), 'draingate-lab-'))
  const directory = join(root, 'serviceaccount')
  const lookoutDirectory = join(root, 'draingate')
  mkdirSync(directory)
  mkdirSync(lookoutDirectory)
  writeFileSync(join(directory, 'ca.crt'), ca)
  writeFileSync(join(directory, 'namespace'), namespace)
  const lookoutTokenPath = join(lookoutDirectory, 'token')
  const pathOf = (container: string) => join(root, `${container}.message`)
  return {
    ...{ directory, lookoutTokenPath },
    putToken: (token) => replace(join(directory, 'token'), token),
    putLookoutToken: (token) => replace(lookoutTokenPath, token),
    messagePath(container) {
      writeFileSync(pathOf(container), '', { flag: 'a' })
      // Whatever user the container runs as (pkg/kubelet/kuberuntime, makeMounts).
      chmodSync(pathOf(container), 0o666)
      return pathOf(container)
    },
    takeMessage(container) {
      const left = readFileSync(pathOf(container))
      writeFileSync(pathOf(container), '')
      // No more of it fits into a status (pkg/kubelet/container, MaxContainerTerminationMessageLength).
      return left.subarray(-4096).toString('utf8')
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}

/** Whole at any time, as the kubelet's volumes are (pkg/volume/util, atomic_writer.go). */
function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}
