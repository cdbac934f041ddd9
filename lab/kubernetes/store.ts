import { randomUUID } from 'node:crypto'
import { pods, qualified, type Resource } from './resources.ts'
import { notFound, StatusError } from './status.ts'

/** An object as JSON; the store keeps its metadata. */
export interface KubeObject {
  apiVersion?: string
  kind?: string
  metadata: {
    name?: string
    generateName?: string
    namespace?: string
    uid?: string
    resourceVersion?: string
    creationTimestamp?: string
    labels?: Record<string, string>
    deletionTimestamp?: string
    deletionGracePeriodSeconds?: number
  }
  spec?: Record<string, unknown>
  status?: Record<string, unknown>
  [field: string]: unknown
}

export interface StoreDeps {
  /** The API server's time of day, in milliseconds since 1970. */
  readonly wallMs: () => number
  /** A pod was deleted, or deleted again with less grace: whoever runs it has to know. */
  readonly podDeleted?: (name: string, graceSeconds: number) => void
}

/** What etcd keeps: the objects of all namespaces. */
export interface Store {
  create(resource: Resource, namespace: string, object: KubeObject): KubeObject
  get(resource: Resource, namespace: string, name: string): KubeObject
  list(resource: Resource, namespace: string): KubeObject[]
  /** Changes an object; what `change` returns takes its place. */
  update(
    resource: Resource,
    namespace: string,
    name: string,
    change: (object: KubeObject) => KubeObject,
  ): KubeObject
  /**
   * Deletes an object. A pod stays until `remove`, unless its grace period is 0; a second deletion
   * may shorten the grace period, never lengthen it.
   */
  delete(resource: Resource, namespace: string, name: string, graceSeconds?: number): KubeObject
  /** Takes an object away for good. */
  remove(resource: Resource, namespace: string, name: string): void
}

const defaultGraceSeconds = 30

export function createStore({ wallMs, podDeleted = () => undefined }: StoreDeps): Store {
  const objects = new Map<string, KubeObject>()
  let version = 0
  const keyOf = (resource: Resource, namespace: string, name: string) =>
    `${qualified(resource)} ${namespace} ${name}`
  const timestamp = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')

  function put(key: string, object: KubeObject): KubeObject {
    version += 1
    const kept = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
    objects.set(key, kept)
    return kept
  }

  const store: Store = {
    create(resource, namespace, object) {
      const { generateName } = object.metadata
      const suffix = randomUUID().slice(0, 5)
      const name = object.metadata.name ?? (generateName ? `${generateName}${suffix}` : undefined)
      if (!name) throw new StatusError(422, 'Invalid', `${resource.kind} is invalid: metadata.name`)
      const key = keyOf(resource, namespace, name)
      if (objects.has(key)) {
        throw new StatusError(
          409,
          'AlreadyExists',
          `${qualified(resource)} "${name}" already exists`,
        )
      }
      const { group, versions, kind } = resource
      return put(key, {
        ...object,
        apiVersion: group === '' ? `${versions[0]}` : `${group}/${versions[0]}`,
        kind,
        metadata: {
          ...object.metadata,
          ...{ name, namespace, uid: randomUUID(), creationTimestamp: timestamp(wallMs()) },
        },
      })
    },
    get(resource, namespace, name) {
      const found = objects.get(keyOf(resource, namespace, name))
      if (!found) throw notFound(qualified(resource), name)
      return found
    },
    list(resource, namespace) {
      const start = keyOf(resource, namespace, '')
      return [...objects].filter(([key]) => key.startsWith(start)).map(([, object]) => object)
    },
    update(resource, namespace, name, change) {
      return put(keyOf(resource, namespace, name), change(store.get(resource, namespace, name)))
    },
    delete(resource, namespace, name, graceSeconds) {
      const found = store.get(resource, namespace, name)
      if (resource !== pods) {
        store.remove(resource, namespace, name)
        return found
      }
      const own = Number(found.spec?.terminationGracePeriodSeconds ?? defaultGraceSeconds)
      const grace = graceSeconds ?? own
      const before = found.metadata.deletionGracePeriodSeconds
      if (before !== undefined && grace >= before) return found
      const metadata = {
        ...found.metadata,
        deletionTimestamp: timestamp(wallMs() + grace * 1_000),
        deletionGracePeriodSeconds: grace,
      }
      const deleted = put(keyOf(resource, namespace, name), { ...found, metadata })
      if (grace === 0) store.remove(resource, namespace, name)
      podDeleted(name, grace)
      return deleted
    },
    remove(resource, namespace, name) {
      objects.delete(keyOf(resource, namespace, name))
    },
  }
  return store
}
