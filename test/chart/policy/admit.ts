import { objectsOf, render } from '../render.ts'
import { evaluate } from './cel.ts'
import { patched } from './json-patch.ts'

interface Named {
  readonly name: string
  readonly expression: string
}

/** As much of a MutatingAdmissionPolicy as is evaluated here. */
export interface Policy {
  readonly spec: {
    readonly matchConstraints: {
      readonly objectSelector: { readonly matchLabels: Readonly<Record<string, string>> }
    }
    readonly matchConditions: readonly Named[]
    readonly variables: readonly Named[]
    readonly mutations: readonly { readonly jsonPatch: { readonly expression: string } }[]
  }
}

/** A pod, as far as it matters here. */
export interface Pod {
  readonly metadata: {
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly name?: string
    readonly namespace?: string
  }
  readonly spec: object
  readonly apiVersion?: string
  readonly kind?: string
}

/** The policy that the chart renders with these values. */
export async function policyFor(values: object): Promise<Policy> {
  const manifest = await render('alone', { injection: { enabled: true }, ...values })
  const policy = objectsOf(manifest).find(({ kind }) => kind === 'MutatingAdmissionPolicy')
  if (!policy) throw new Error('the chart rendered no policy')
  return policy as unknown as Policy
}

/**
 * What becomes of a pod that is created. As the API server does it: label selector, match conditions,
 * then each mutation upon what the one before has left. Throws where the policy would fail.
 */
export function admit({ spec }: Policy, pod: Pod): Pod {
  const wanted = Object.entries(spec.matchConstraints.objectSelector.matchLabels)
  if (wanted.some(([label, value]) => pod.metadata.labels?.[label] !== value)) return pod
  const variables = new Map(spec.variables.map(({ name, expression }) => [name, expression]))
  // Match conditions cannot name variables.
  const matches = spec.matchConditions.every(
    ({ expression }) => evaluate(expression, pod, new Map()) === true,
  )
  if (!matches) return pod
  return spec.mutations.reduce<Pod>(
    (object, { jsonPatch }) =>
      patched(object, evaluate(jsonPatch.expression, object, variables)) as Pod,
    pod,
  )
}

/** Every expression of a policy. */
export function expressionsOf({ spec }: Policy): string[] {
  return [
    ...spec.matchConditions.map(({ expression }) => expression),
    ...spec.variables.map(({ expression }) => expression),
    ...spec.mutations.map(({ jsonPatch }) => jsonPatch.expression),
  ]
}
