import type { KubeObject } from './objects.ts'
import { qualified, type Resource } from './resources.ts'

/** What happened to an object, told once it has happened. */
export interface Change<T extends KubeObject = KubeObject> {
  readonly kind: 'added' | 'modified' | 'deleted'
  readonly namespace: string
  readonly name: string
  readonly object: T
}

/** Changes objects of one resource before they are created, as a mutating webhook does. */
export type Admission<T extends KubeObject> = (namespace: string, object: T) => T

type Listener = (change: Change) => void

/** The objects by resource and namespace, and who is told of them. */
export function createTable() {
  const objects = new Map<string, Map<string, KubeObject>>()
  const listeners = new Map<string, Set<Listener>>()
  const admissions = new Map<string, Admission<KubeObject>[]>()
  let version = 0
  const shelfOf = (resource: Resource, namespace: string) => `${qualified(resource)} ${namespace}`

  function tell(resource: Resource, change: Change): void {
    for (const listener of [...(listeners.get(qualified(resource)) ?? [])]) listener(change)
  }

  // What is under a resource's key was put there as one of its objects.
  return {
    version: () => String(version),
    find: <T extends KubeObject>(resource: Resource<T>, namespace: string, name: string) =>
      objects.get(shelfOf(resource, namespace))?.get(name) as T | undefined,
    list<T extends KubeObject>(resource: Resource<T>, namespace?: string): T[] {
      const isWanted = (shelf: string) =>
        namespace === undefined
          ? shelf.startsWith(shelfOf(resource, ''))
          : shelf === shelfOf(resource, namespace)
      const found = [...objects].filter(([shelf]) => isWanted(shelf))
      return found.flatMap(([, shelf]) => [...shelf.values()]) as T[]
    },
    put<T extends KubeObject>(
      resource: Resource<T>,
      namespace: string,
      kind: 'added' | 'modified',
      object: T,
    ): T {
      version += 1
      const kept = { ...object, metadata: { ...object.metadata, resourceVersion: `${version}` } }
      const shelf = objects.get(shelfOf(resource, namespace)) ?? new Map<string, KubeObject>()
      const { name = '' } = kept.metadata
      objects.set(shelfOf(resource, namespace), shelf.set(name, kept))
      tell(resource, { kind, namespace, name, object: kept })
      return kept
    },
    remove(resource: Resource, namespace: string, name: string): void {
      const shelf = objects.get(shelfOf(resource, namespace))
      const object = shelf?.get(name)
      if (!object) return
      version += 1
      shelf?.delete(name)
      tell(resource, { kind: 'deleted', namespace, name, object })
    },
    follow<T extends KubeObject>(resource: Resource<T>, listener: (change: Change<T>) => void) {
      const known = listeners.get(qualified(resource)) ?? new Set<Listener>()
      const told = (change: Change) => listener(change as Change<T>)
      listeners.set(qualified(resource), known.add(told))
      return () => void known.delete(told)
    },
    admit<T extends KubeObject>(resource: Resource<T>, admission: Admission<T>): void {
      const known = admissions.get(qualified(resource)) ?? []
      const admit: Admission<KubeObject> = (namespace, object) => admission(namespace, object as T)
      admissions.set(qualified(resource), [...known, admit])
    },
    admitted<T extends KubeObject>(resource: Resource<T>, namespace: string, object: T): T {
      const known = admissions.get(qualified(resource)) ?? []
      return known.reduce<KubeObject>((before, admit) => admit(namespace, before), object) as T
    },
  }
}
