/** What is asked of the Kubernetes API: one rule of a Role, and on which object. */
export interface Request {
  readonly verb: 'get' | 'list' | 'create'
  /** The API group; empty for the core one. */
  readonly group: string
  readonly version: string
  /** Empty for what is in no namespace. */
  readonly namespace: string
  /** The plural, as in a Role's rule. */
  readonly resource: string
  readonly name?: string
  /** What to create. */
  readonly body?: object
}

/** The path of a request (Kubernetes API concepts, Resource URIs). */
export function pathOf({ group, version, namespace, resource, name }: Request): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const place = namespace === '' ? '' : `/namespaces/${encodeURIComponent(namespace)}`
  const object = name === undefined ? '' : `/${encodeURIComponent(name)}`
  return `${root}${place}/${resource}${object}`
}

/** The rule that a Role needs for a request, as it is written in a manifest. */
export function ruleOf({ group, resource, verb }: Request): string {
  return `{apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["${verb}"]}`
}

/** `get pods web-1`, as a person would say it to kubectl. */
export function nameOf({ verb, resource, name }: Request): string {
  return name === undefined ? `${verb} ${resource}` : `${verb} ${resource} ${name}`
}
