/** What can be wrong with the answers of lookouts. */
import type { DoorFault } from '../../../lab/lookout/door.ts'
import type { Row } from '../rows.ts'
import { fallen, followed } from './faults.ts'
import { type LookoutStage, leave, stageFor, wasFollowed } from './stage.ts'

export const rows: readonly Row[] = [
  oneAnswers("a proxy's HTML page", { kind: 'html' }),
  oneAnswers('503', { kind: 'status', code: 503 }),
  oneAnswers('an object that says nothing', { kind: 'empty' }),
  fallen("both lookouts answer with a proxy's HTML page", /an answer that is not JSON/, (stage) =>
    breakAll(stage, { kind: 'html' }),
  ),
  followed('both lookouts are slow: each answer takes two seconds', {
    because: 'it waits for them',
    when: 'before',
    what: (stage) => breakAll(stage, { kind: 'slow', delayMs: 2_000 }),
    laterMs: 6_000,
  }),
  {
    fault: 'no lookout answers, with `LOOKOUT_ELSE=self`',
    comesOut: '`deregistered`: the pod looks for itself',
    byWhen: 'at the true end: when no listing has the pod any more',
    async play(t) {
      const stage = await stageFor(t, { env: { LOOKOUT_ELSE: 'self' }, ownAccess: 'too' })
      const left = await leave(stage, 'before', () => breakAll(stage, { kind: 'reset' }))
      wasFollowed(stage, left)
      const asked = stage.aws.calls.count({ action: 'DescribeTargetHealth', code: 'OK' })
      t.ok(asked > 0, `${asked} listings`)
    },
  },
]

function oneAnswers(name: string, fault: DoorFault): Row {
  return followed(`one of two lookouts answers with ${name}`, {
    because: 'the other one is asked',
    when: 'in the middle',
    what: ({ first }) => first.break(fault),
  })
}

function breakAll({ lookouts }: LookoutStage, fault: DoorFault): void {
  for (const one of lookouts.all) one.break(fault)
}
