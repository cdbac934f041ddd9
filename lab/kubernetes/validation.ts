import type { Event, KubeObject, Pod, TargetGroupBinding } from './objects.ts'
import type { Resource } from './resources.ts'
import { badRequest, type Cause, invalid } from './status.ts'

/**
 * Reads an object that is to be created. Throws 400 for what is no object of the resource, 422 for
 * one that the API server's validation refuses, as far as the lab's kinds go.
 */
export function readObject(resource: Resource, namespace: string, body: string): KubeObject {
  const object = parse(body)
  const { metadata, kind } = object
  if (kind !== undefined && kind !== resource.kind) {
    throw badRequest(`the object provided is of kind ${kind}, not ${resource.kind}`)
  }
  if (metadata.namespace !== undefined && metadata.namespace !== namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    )
  }
  const causes = [...nameFaults(object), ...(faultsOf[resource.kind]?.(object, namespace) ?? [])]
  if (causes.length > 0) {
    throw invalid(resource, metadata.name ?? metadata.generateName ?? '', causes)
  }
  return object
}

function parse(body: string): KubeObject {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${error}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest('the object provided is unrecognized')
  }
  return { metadata: {}, ...value }
}

const required = (field: string): Cause => ({
  ...{ reason: 'FieldValueRequired', field, message: 'Required value' },
})

// RFC 1123 subdomains (k8s.io/apimachinery, pkg/util/validation).
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

function nameFaults({ metadata: { name } }: KubeObject): Cause[] {
  if (name === undefined || (subdomain.test(name) && name.length <= 253)) return []
  const message = `Invalid value: "${name}": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`
  return [{ reason: 'FieldValueInvalid', field: 'metadata.name', message }]
}

const faultsOf: Readonly<Record<string, (object: KubeObject, namespace: string) => Cause[]>> = {
  Pod: ({ spec }: Pod) => (spec?.containers?.length ? [] : [required('spec.containers')]),
  // pkg/apis/core/validation/events.go: an event is in the namespace of what it is about.
  Event({ involvedObject }: Event, namespace) {
    if (involvedObject?.namespace === namespace) return []
    const message = `Invalid value: "${involvedObject?.namespace ?? ''}": does not match event.namespace`
    return [{ reason: 'FieldValueInvalid', field: 'involvedObject.namespace', message }]
  },
  TargetGroupBinding({ spec }: TargetGroupBinding) {
    const { serviceRef, targetType } = spec ?? {}
    const causes: Cause[] = []
    if (serviceRef?.name === undefined) causes.push(required('spec.serviceRef.name'))
    if (serviceRef?.port === undefined) causes.push(required('spec.serviceRef.port'))
    if (targetType !== undefined && !['instance', 'ip'].includes(targetType)) {
      const message = `Unsupported value: "${targetType}": supported values: "instance", "ip"`
      causes.push({ reason: 'FieldValueNotSupported', field: 'spec.targetType', message })
    }
    return causes
  },
}
