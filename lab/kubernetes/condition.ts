import type { Condition, Pod } from './objects.ts'

/** The conditions with this one in the place of its like; the time moves only with the status. */
export function setCondition(
  conditions: readonly Condition[],
  condition: Condition,
  now: string,
): Condition[] {
  const before = conditions.find(({ type }) => type === condition.type)
  const since = before?.status === condition.status ? before.lastTransitionTime : undefined
  const placed = { ...condition, lastTransitionTime: since ?? now }
  return before === undefined
    ? [...conditions, placed]
    : conditions.map((one) => (one === before ? placed : one))
}

/** Whether a pod has a condition, and it is true. */
export const isTrue = ({ status }: Pod, type: string): boolean =>
  status?.conditions?.some((one) => one.type === type && one.status === 'True') ?? false
