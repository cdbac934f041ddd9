import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

type Environment = Readonly<Record<string, string>>

/** What `kubectl exec` is to a cluster: a script for each container, which runs draingate where the container is. */
export interface Entrances {
  /** Where the scripts are, each with the name of its pod. */
  readonly folder: string
  /**
   * The command of a sidecar that leaves its environment for the script of this pod: what the kubelet adds to it is
   * known in the container only.
   *
   * @param other What is to be otherwise in the script.
   */
  left(pod: string, other: Environment): [string, ...string[]]
  /** A script with an environment that is known. */
  put(pod: string, environment: Environment): void
  remove(): void
}

/** @param main The program: `dist/draingate.js`. */
export async function createEntrances(main: string): Promise<Entrances> {
  const folder = await mkdtemp(join(tmpdir(), 'draingate-'))
  const environments = join(folder, '.environments')
  mkdirSync(environments)
  const node = quoted(process.execPath)

  function script(pod: string, other: Environment = {}): string {
    const file = join(environments, pod)
    const text = `#!/bin/sh\n. ${quoted(file)}\n${exports(other)}exec ${node} ${quoted(main)} "$@"\n`
    writeFileSync(join(folder, pod), text, { mode: 0o700 })
    return file
  }

  return {
    folder,
    left(pod, other) {
      const leave = 'export -p > "$0"; exec "$@"'
      return ['/bin/sh', '-c', leave, script(pod, other), process.execPath, main]
    },
    put: (pod, environment) => writeFileSync(script(pod), exports(environment)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

function exports(environment: Environment): string {
  return Object.entries(environment)
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
    .join('')
}
