/** Lookouts that are not there, or as good as that. */
import { pause } from '../../e2e/lab-scene.ts'
import type { Row } from '../rows.ts'
import { byTime, fallen, followed } from './faults.ts'
import type { LookoutStage } from './stage.ts'

export const rows: readonly Row[] = [
  followed('one of two lookouts is killed in the middle', {
    because: 'the other one is asked',
    when: 'in the middle',
    what: ({ first }) => first.signal('SIGKILL'),
  }),
  followed('one of two lookouts is ended in the middle, as by an update of its own', {
    because: 'whoever waits for it is told to ask the other one',
    when: 'in the middle',
    what: ({ first }) => first.signal('SIGTERM'),
  }),
  followed('one of two lookouts is frozen in the middle', {
    because: 'the other one is asked, after six seconds in which nothing was heard',
    when: 'in the middle',
    what: ({ first }) => first.signal('SIGSTOP'),
    laterMs: 6_000,
  }),
  followed('both lookouts are killed in the middle', {
    because: 'a pod that is deleted and was seen to drain does not come back, so the time is proof',
    when: 'in the middle',
    what: (stage) => all(stage, 'SIGKILL'),
    ...byTime,
  }),
  followed('both lookouts are away for five seconds', {
    because: 'they are asked again each second or two',
    when: 'before',
    what(stage) {
      all(stage, 'SIGKILL')
      // Not waited for: the update begins meanwhile.
      void pause(5_000).then(() => stage.first.start())
    },
  }),
  fallen('both lookouts are away', /lookout 127\.0\.0\.1:\d+: ECONNRESET/, (stage) =>
    all(stage, 'SIGKILL'),
  ),
  fallen('both lookouts are frozen', /no answer came|nothing was heard for 6 s/, (stage) =>
    all(stage, 'SIGSTOP'),
  ),
]

function all({ lookouts }: LookoutStage, signal: 'SIGKILL' | 'SIGSTOP'): void {
  for (const one of lookouts.all) one.signal(signal)
}
