import { randomInt, randomUUID } from 'node:crypto'
import { deletedPod } from './deletion.ts'
import type { KubeObject } from './objects.ts'
import { pods, type Resource } from './resources.ts'
import { alreadyExists, invalid, notFound } from './status.ts'
import { type Admission, type Change, createTable } from './table.ts'
import { timestampOf } from './timestamp.ts'

export type { KubeObject } from './objects.ts'
export type { Change } from './table.ts'

export interface StoreDeps {
  /** The API server's time of day, in milliseconds since 1970. */
  readonly wallMs: () => number
}

/** What etcd keeps, with the rules of the API server: the objects of all namespaces. */
export interface Store {
  /** Throws 409 for a name that is taken, 422 for an object without one. */
  create<T extends KubeObject>(resource: Resource<T>, namespace: string, object: T): T
  /** Throws 404, as do `update` and `delete`. */
  get<T extends KubeObject>(resource: Resource<T>, namespace: string, name: string): T
  /** Of all namespaces, where none is named. */
  list<T extends KubeObject>(resource: Resource<T>, namespace?: string): T[]
  /** Changes an object; what `change` returns takes its place. */
  update<T extends KubeObject>(
    resource: Resource<T>,
    namespace: string,
    name: string,
    change: (object: T) => T,
  ): T
  /**
   * Deletes an object. A pod on a node stays until `remove`, unless its grace period is 0; a second
   * deletion may shorten the grace period, never lengthen it. Without a grace period: the pod's own.
   */
  delete<T extends KubeObject>(
    resource: Resource<T>,
    namespace: string,
    name: string,
    graceSeconds?: number,
  ): T
  /** Takes an object away for good, if it is there. */
  remove(resource: Resource, namespace: string, name: string): void
  /** Tells of every change from now on, until the function that comes back is called. */
  follow<T extends KubeObject>(
    resource: Resource<T>,
    listener: (change: Change<T>) => void,
  ): () => void
  admit<T extends KubeObject>(resource: Resource<T>, admission: Admission<T>): void
  /** The version of the newest change: a listing's resourceVersion. */
  version(): string
}

export function createStore({ wallMs }: StoreDeps): Store {
  const table = createTable()

  function meta(resource: Resource, object: KubeObject, namespace: string) {
    const { generateName } = object.metadata
    const name = object.metadata.name ?? (generateName && `${generateName}${suffix()}`)
    if (!name) throw invalid(resource, '', [nameRequired])
    const creationTimestamp = timestampOf(wallMs())
    const place = resource.plural === 'namespaces' ? {} : { namespace }
    return { ...object.metadata, name, ...place, uid: randomUUID(), creationTimestamp }
  }

  const store: Store = {
    create(resource, namespace, object) {
      const metadata = meta(resource, object, namespace)
      if (table.find(resource, namespace, metadata.name)) {
        throw alreadyExists(resource, metadata.name)
      }
      const { group, versions, kind } = resource
      const apiVersion = group === '' ? `${versions[0]}` : `${group}/${versions[0]}`
      const admitted = table.admitted(resource, namespace, { ...object, metadata })
      return table.put(resource, namespace, 'added', { apiVersion, kind, ...admitted })
    },
    get(resource, namespace, name) {
      const found = table.find(resource, namespace, name)
      if (!found) throw notFound(resource, name)
      return found
    },
    list: table.list,
    update(resource, namespace, name, change) {
      const changed = change(store.get(resource, namespace, name))
      return table.put(resource, namespace, 'modified', changed)
    },
    delete(resource, namespace, name, graceSeconds) {
      const found = store.get(resource, namespace, name)
      const deleted =
        resource.kind === pods.kind ? deletedPod(found, graceSeconds, wallMs()) : 'at-once'
      if (deleted === 'at-once') {
        store.remove(resource, namespace, name)
        return found
      }
      if (deleted === 'no-change') return found
      return table.put(resource, namespace, 'modified', deleted)
    },
    remove: table.remove,
    follow: table.follow,
    admit: table.admit,
    version: table.version,
  }
  return store
}

const nameRequired = {
  reason: 'FieldValueRequired',
  field: 'metadata.name',
  message: 'Required value: name or generateName is required',
} as const

// Without vowels and look-alikes (k8s.io/apimachinery, pkg/util/rand).
const letters = 'bcdfghjklmnpqrstvwxz2456789'
const suffix = () => Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join('')
