import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { run } from './binaries.ts'

/** A rendered or written object: as much of it as every object has. */
export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
}

const root = join(import.meta.dirname, '../..')

/** Which chart is rendered: draingate's by itself, or one that has it as a dependency. */
export type Chart = 'alone' | 'helm-app' | 'regular-app'

/**
 * A manifest, as text. `values` are draingate's, as in a values file; `args` are more of helm's flags.
 * Rejects with what helm complains of.
 */
export function render(chart: Chart, values: object, args: readonly string[] = []) {
  return inFolder(async (folder) => {
    if (chart === 'alone') return template('draingate', join(root, 'chart'), folder, values, args)
    const app = await builtApp(chart, folder)
    const name = chart === 'helm-app' ? 'draingate' : 'gate'
    return template('web', app, folder, { [name]: values }, args)
  })
}

/** Every object of a manifest. */
export function objectsOf(manifest: string): KubernetesObject[] {
  return parseAllDocuments(manifest)
    .map((document) => {
      if (document.errors[0]) throw document.errors[0]
      return document.toJS()
    })
    .filter((object) => object !== null)
}

/** Runs with a folder of its own, which is removed afterwards. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'draingate-chart-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** A copy of a chart with its dependency built, beside a copy of draingate's. */
export async function builtApp(name: 'helm-app' | 'regular-app', folder: string): Promise<string> {
  const from = name === 'helm-app' ? 'examples/helm-app' : 'test/chart/regular-app'
  const app = join(folder, 'apps', name)
  await mkdir(app, { recursive: true })
  await cp(join(root, from), app, {
    recursive: true,
    // What building the dependency leaves behind in a checkout.
    filter: (path) => !/-app[/](charts|Chart[.]lock)$/.test(path),
  })
  await cp(join(root, 'chart'), join(folder, 'chart'), { recursive: true })
  await run('helm', ['dependency', 'build', '--skip-refresh', app])
  return app
}

async function template(
  release: string,
  chart: string,
  folder: string,
  values: object,
  args: readonly string[],
) {
  const file = join(folder, 'values.json')
  await writeFile(file, JSON.stringify(values))
  return run('helm', [
    ...['template', release, chart, '--namespace', 'shop', '--kube-version', '1.36.0'],
    ...['--values', file],
    ...args,
  ])
}
