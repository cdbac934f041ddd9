import type { Binding, ServiceObject } from '../objects/bindings.ts'
import type { ContainerObject } from '../objects/container.ts'

/** By what a container is taken to serve requests; `certain` where a Service says so. */
export interface Serves {
  readonly by: string
  readonly certain: 'yes' | 'no'
}

/** What is known of how requests come to a pod. */
export interface Sources {
  readonly bindings: readonly Binding[]
  readonly services: readonly ServiceObject[]
}

/**
 * Which containers serve: those with a port that a Service sends requests to. A port need not be declared,
 * so a container without any is not known to serve. Where no Service tells a port, each that declares one
 * may.
 */
export function servingOf(sources: Sources): (container: ContainerObject) => Serves | undefined {
  const targets = targetsOf(sources)
  return ({ ports }) => {
    const [declared] = ports
    if (targets.length === 0) {
      return declared && { by: `declares port ${declared.port}`, certain: 'no' }
    }
    for (const { service, target } of targets) {
      const found = ports.some(({ port, name }) => port === target || name === target)
      if (found) return { by: `serves port ${target} of Service ${service}`, certain: 'yes' }
    }
    return undefined
  }
}

/**
 * The ports that a load balancer's requests come to: those of the Services that bindings are about, and
 * of these the ports that they name. Another Service of the pod may be for its metrics only; where there
 * is no binding, any Service that selects the pod counts.
 */
function targetsOf({ bindings, services }: Sources) {
  const bound = bindings.flatMap(({ service, servicePort }) =>
    services.filter(({ name }) => name === service).flatMap((one) => targetsIn(one, servicePort)),
  )
  return bindings.length > 0 ? bound : services.flatMap((one) => targetsIn(one, undefined))
}

function targetsIn({ name: service, ports }: ServiceObject, asked: number | string | undefined) {
  const named = ports.filter(({ port, name }) => port === asked || name === asked)
  const these = named.length > 0 ? named : ports
  return these.map(({ target }) => ({ service, target }))
}
