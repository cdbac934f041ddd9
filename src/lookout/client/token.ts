import { readFile } from 'node:fs/promises'
import { claimsOf } from '../../cluster/api/token.ts'
import { textAt } from '../../cluster/json.ts'
import type { Failure } from '../../drain/ports.ts'

/** Which pod this is, as far as the settings say. */
export interface Self {
  readonly name?: string
  readonly namespace?: string
}

/**
 * The token that tells a lookout which pod asks. Read for each question: the kubelet puts a new one there before
 * the old one ends. That of another pod is shown to nobody: what comes of that pod would be taken for what
 * comes of this one, and its end would let our hooks go.
 */
export async function readToken(path: string, ownPod: Self): Promise<string | Failure> {
  let token: string
  try {
    token = (await readFile(path, 'utf8')).trim()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const said = `no token for the lookout in ${path} (${code}): mount a service account token for the audience draingate there`
    return { kind: 'denied', said }
  }
  const claims = claimsOf(token)
  const name = textAt(claims, 'kubernetes.io', 'pod', 'name')
  const namespace = textAt(claims, 'kubernetes.io', 'namespace')
  // What is no token of a pod the lookout refuses, and says why.
  if (!name || !namespace) return token
  const own = { name: ownPod.name ?? name, namespace: ownPod.namespace ?? namespace }
  if (own.name === name && own.namespace === namespace) return token
  const said = `the token in ${path} is that of pod ${namespace}/${name}, and this is ${own.namespace}/${own.name}: mount its own`
  return { kind: 'denied', said }
}
