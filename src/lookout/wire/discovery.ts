import type { ClaimedBinding, Discovery } from '../../cluster/finding/source.ts'
import { at, listAt, numberAt, portAt, textAt, textsAt } from '../../cluster/json.ts'
import { bindingGroups, type ServiceObject } from '../../cluster/objects/bindings.ts'
import type { Failure } from '../../drain/ports.ts'
import { readFailures } from './answers.ts'

/** The bindings of a pod as JSON. An external id is the lookout's to know. */
export function tellDiscovery({ services, bindings, possible, ...rest }: Discovery) {
  return {
    kind: 'discovery',
    ...rest,
    bindings: bindings.map(withoutSecret),
    possible: possible.map(withoutSecret),
    services: services.map((one) => ({ ...one, selector: Object.fromEntries(one.selector) })),
  }
}

function withoutSecret({ role, ...binding }: ClaimedBinding): ClaimedBinding {
  return { ...binding, ...(role ? { role: { arn: role.arn } } : {}) }
}

/**
 * Reads the bindings of a pod; undefined when it is nothing of the kind. One that cannot be read may be the one by which
 * the pod is sent requests: then something is missing.
 */
export function readDiscovery(body: unknown): Discovery | undefined {
  const lists = ['bindings', 'possible', 'services'].map((name) => at(body, name))
  const missing = readFailures(at(body, 'missing'))
  const narrowed = readFailures(at(body, 'narrowed'))
  if (textAt(body, 'kind') !== 'discovery' || !lists.every(Array.isArray)) return undefined
  if (!missing || !narrowed) return undefined
  const bindings = listAt(body, 'bindings').map(readBinding)
  const possible = listAt(body, 'possible').map(readBinding)
  const isWhole = ![...bindings, ...possible].includes(undefined)
  return {
    bindings: bindings.filter((one) => one !== undefined),
    possible: possible.filter((one) => one !== undefined),
    services: listAt(body, 'services').flatMap(readService),
    missing: isWhole ? missing : [...missing, unreadable],
    narrowed,
  }
}

const unreadable: Failure = {
  kind: 'malformed',
  said: 'the lookout: cannot read a TargetGroupBinding that it tells of: is it newer than this sidecar?',
}

const claims = ['bound', 'once-bound', 'possible'] as const

function readBinding(body: unknown): ClaimedBinding | undefined {
  const [name, arn, groupName] = [
    textAt(body, 'name'),
    textAt(body, 'arn'),
    textAt(body, 'groupName'),
  ]
  const apiGroup = bindingGroups.find((one) => one === textAt(body, 'apiGroup'))
  if (!name || !apiGroup || !(arn ?? groupName)) return undefined
  const targetType = (['ip', 'instance'] as const).find((one) => one === textAt(body, 'targetType'))
  const [protocol, roleArn] = [textAt(body, 'protocol'), textAt(body, 'role', 'arn')]
  const servicePort = portAt(body, 'servicePort')
  return {
    ...{ apiGroup, name, service: textAt(body, 'service') ?? '' },
    // Of a claim that is not known here the strongest is assumed: it is looked at, and waited for.
    claim: claims.find((one) => one === textAt(body, 'claim')) ?? 'bound',
    ...(arn ? { arn } : {}),
    ...(groupName ? { groupName } : {}),
    ...(targetType ? { targetType } : {}),
    ...(protocol ? { protocol } : {}),
    ...(servicePort === undefined ? {} : { servicePort }),
    ...(roleArn ? { role: { arn: roleArn } } : {}),
  }
}

function readService(body: unknown): ServiceObject[] {
  const name = textAt(body, 'name')
  if (!name) return []
  const ports = listAt(body, 'ports').flatMap((one) => {
    const [port, target, portName] = [
      numberAt(one, 'port'),
      portAt(one, 'target'),
      textAt(one, 'name'),
    ]
    if (port === undefined || target === undefined) return []
    return [{ port, target, ...(portName ? { name: portName } : {}) }]
  })
  const publishNotReadyAddresses = at(body, 'publishNotReadyAddresses') === true
  return [{ name, selector: textsAt(body, 'selector'), publishNotReadyAddresses, ports }]
}
