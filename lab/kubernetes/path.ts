/** A path of a resource: `/apis/GROUP/VERSION/namespaces/NAMESPACE/PLURAL/NAME`. */
export interface ResourcePath {
  readonly group: string
  readonly version: string
  /** Undefined for a list over all namespaces. */
  readonly namespace: string | undefined
  readonly plural: string
  readonly name?: string
}

/** Reads a path (Kubernetes API concepts, Resource URIs); undefined for one of no resource. */
export function readPath(path: string): ResourcePath | undefined {
  const parts = path.split('/').slice(1).map(decodeURIComponent)
  const root = parts.shift()
  const group = root === 'api' ? '' : root === 'apis' ? parts.shift() : undefined
  const version = parts.shift()
  if (group === undefined || !version || parts.length === 0) return undefined
  const [first, second = '', ...rest] = parts
  // `namespaces` is a resource itself, kept in the namespace of the empty name.
  if (first === 'namespaces' && rest.length === 0) {
    return { group, version, namespace: '', plural: first, ...(second && { name: second }) }
  }
  if (first === 'namespaces' && rest.length <= 2) {
    const [plural = '', name] = rest
    return { group, version, namespace: second, plural, ...(name && { name }) }
  }
  return parts.length === 1 && first
    ? { group, version, namespace: undefined, plural: first }
    : undefined
}
