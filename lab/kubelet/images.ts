import type { Container, Pod } from '../kubernetes/objects.ts'
import type { ContainerSpec, PodSpec } from './spec.ts'

/** An image registry: which processes are behind the images that pod objects name. */
export interface Images {
  /** Keeps a container under an image name of its own, the same for the same container. */
  push(container: ContainerSpec): string
  /** The processes of a pod; undefined when one of its images is not there. */
  pull(pod: Pod): Pick<PodSpec, 'containers' | 'nativeSidecars'> | undefined
}

export function createImages(): Images {
  const names = new Map<ContainerSpec, string>()
  const containers = new Map<string, ContainerSpec>()

  function pullAll(named: readonly Container[]): ContainerSpec[] | undefined {
    const found = named.flatMap(({ name, image }) => {
      const container = containers.get(image)
      return container ? [{ ...container, name }] : []
    })
    return found.length === named.length ? found : undefined
  }

  return {
    push(container) {
      const name = names.get(container) ?? `lab/${container.name}:${names.size + 1}`
      names.set(container, name)
      containers.set(name, container)
      return name
    },
    pull({ spec }) {
      const main = pullAll(spec?.containers ?? [])
      const nativeSidecars = pullAll(spec?.initContainers ?? [])
      return main && nativeSidecars && { containers: main, nativeSidecars }
    },
  }
}
