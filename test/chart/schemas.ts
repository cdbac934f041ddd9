import { execFile } from 'node:child_process'
import { symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { inFolder, type KubernetesObject } from './render.ts'

/**
 * What is wrong with objects by Kubernetes' OpenAPI schemas: a line for each fault, none when all are
 * well. The models of the npm package kubernetes-models are made from those schemas. Its validators
 * find wrong types and what is missing, but let unknown fields pass; those are found by the compiler,
 * to which every object is given as a literal of its type.
 */
export async function faultsOf(given: readonly KubernetesObject[]): Promise<string[]> {
  const objects = given.map(known)
  const found = await Promise.all(objects.map(missingOrMistyped))
  return [...found.flat(), ...(await unknownFields(objects))]
}

/** The models have MutatingAdmissionPolicies of v1 only; those of v1beta1 had the same fields. */
function known(object: KubernetesObject): KubernetesObject {
  const beta = object.apiVersion === 'admissionregistration.k8s.io/v1beta1'
  return beta ? { ...object, apiVersion: 'admissionregistration.k8s.io/v1' } : object
}

const nameOf = ({ kind, metadata }: KubernetesObject) => `${kind} ${metadata?.name ?? ''}`.trim()

// Not of Kubernetes itself: their types are here, and all that is checked is types.
const own = new Set([
  ...['TargetGroupBinding', 'ClusterConfig', 'Kustomization', 'Component'],
  ...['PodMonitor', 'PrometheusRule'],
])

async function missingOrMistyped(object: KubernetesObject): Promise<string[]> {
  const { apiVersion, kind } = object
  if (own.has(kind)) return []
  const Model = (await import(`kubernetes-models/${apiVersion}/${kind}`))[kind]
  try {
    new Model(object).validate()
    return []
  } catch (error) {
    return [`${nameOf(object)}: ${error instanceof Error ? error.message : error}`]
  }
}

function unknownFields(objects: readonly KubernetesObject[]): Promise<string[]> {
  const source = objects.map((object, index) => {
    const { apiVersion, kind } = object
    const from = own.has(kind)
      ? join(import.meta.dirname, 'custom-resources.ts')
      : `kubernetes-models/${apiVersion}/${kind}`
    // One line an object, so that the compiler's line number tells which.
    return `export const object${index}: import('${from}').I${kind} = ${JSON.stringify(object)}`
  })
  return inFolder(async (folder) => {
    await symlink(join(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'))
    await writeFile(join(folder, 'package.json'), '{"type":"module"}')
    await writeFile(join(folder, 'objects.ts'), source.join('\n'))
    const lines = await compiled(folder)
    return lines.map((line) => {
      const index = Number(/^objects\.ts\((\d+),/.exec(line)?.[1]) - 1
      const object = objects[index]
      return object ? `${nameOf(object)}: ${line}` : line
    })
  })
}

/** The compiler's errors, a line each. */
async function compiled(folder: string): Promise<string[]> {
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--allowImportingTsExtensions']
  const modules = ['--module', 'nodenext', '--target', 'es2024', '--types', '', '--pretty', 'false']
  const settings = { cwd: folder, env: {}, timeout: 90_000 }
  const compiler = await nativeCompiler()
  return new Promise((resolve) => {
    execFile(compiler, [...options, ...modules, 'objects.ts'], settings, (error, out, err) => {
      const lines = `${out}${err}`.split('\n').filter((line) => line !== '')
      resolve(error && lines.length === 0 ? [String(error)] : lines)
    })
  })
}

/** Not bin/tsc: that is a Node.js program, and under tap its start fails over the hooks of tap. */
async function nativeCompiler(): Promise<string> {
  const manifest = createRequire(import.meta.url).resolve('typescript/package.json')
  const { default: path } = await import(join(manifest, '../lib/getExePath.js'))
  return path()
}
