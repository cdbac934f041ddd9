import t from 'tap'
import { readTold } from '../../../src/lookout/board/read-told.ts'
import { told } from '../../support/board/drains.ts'

t.test('what is no drain is none', async (t) => {
  for (const body of [undefined, null, 'x', 7, [], {}, { state: 'idle' }, [told()]]) {
    t.equal(readTold(body), undefined, JSON.stringify(body))
  }
  for (const heldMs of [undefined, '5', -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 40, {}]) {
    t.equal(readTold({ ...told(), heldMs }), undefined, String(heldMs))
    t.equal(readTold({ ...told(), deadlineInMs: heldMs }), undefined, String(heldMs))
  }
})

t.test('a newer sidecar is understood as far as that goes', async (t) => {
  const newer = {
    ...{ ...told(), phase: 'paused', outcome: 'handed-over', releaseWhen: 'empty', news: {} },
    ...{ hooks: 'many', expectedInMs: 'soon', severity: 'fatal', looks: undefined },
  }
  const read = readTold(newer)
  t.match(read, {
    phase: 'unknown',
    outcome: 'handed-over',
    releaseWhen: 'empty',
    hooks: 0,
    looks: 0,
  })
  for (const left of ['news', 'expectedInMs', 'severity']) t.notOk(left in (read ?? {}), left)
})

t.test('texts are cut, and say nothing to a terminal', async (t) => {
  const [target] = told().targets
  const hostile = {
    ...told(),
    because: `a\u001b[2Jb\r\nc\u202ed\u2028e${'x'.repeat(2_000)}`,
    trouble: '\u0007\n',
    targets: Array.from({ length: 40 }, () => ({ ...target, port: 1e9, reason: '\u0000', x: 1 })),
  }
  const read = readTold(hostile)
  t.match(read?.because, /^a \[2Jb c d ex+$/)
  t.ok((read?.because?.length ?? 0) <= 600)
  t.notOk('trouble' in (read ?? {}))
  t.equal(read?.targets.length, 16)
  t.strictSame(read?.targets[0], { ...target, port: 65_535 })
})

t.test('targets that are none are left out', async (t) => {
  const targets = [null, 'x', {}, { group: 'a' }, { id: 'b' }, { group: 'a', id: 'b' }]
  const read = readTold({ ...told(), targets })
  t.strictSame(read?.targets, [{ group: 'a', id: 'b', port: 0, state: '' }])
  t.strictSame(readTold({ ...told(), targets: { length: 3 } })?.targets, [])
})
