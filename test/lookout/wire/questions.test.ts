import fc from 'fast-check'
import t from 'tap'
import { longestPatienceMs, readQuestion } from '../../../src/lookout/wire/questions.ts'
import { fromAfar, hostile } from '../../support/json.ts'

const group = 'arn:web'

t.test('each question', async (t) => {
  const event = { reason: 'Drained', type: 'Normal', message: 'after 30 s' }
  t.strictSame(readQuestion('look', fromAfar({ group, patienceMs: 5_000 })), {
    ...{ kind: 'look', group, patienceMs: 5_000 },
  })
  t.strictSame(readQuestion('describe', fromAfar({ group, wanted: ['delay', 'kind'] })), {
    ...{ kind: 'describe', group, wanted: ['delay', 'kind'], patienceMs: 20_000 },
  })
  t.strictSame(readQuestion('pod', {}), { kind: 'pod' })
  t.strictSame(readQuestion('search', {}), { kind: 'search', patienceMs: 20_000 })
  t.strictSame(readQuestion('event', fromAfar(event)), { kind: 'event', event })
})

t.test('nobody is more patient than that, nor less than not at all', async (t) => {
  for (const [patienceMs, expected] of [
    [undefined, longestPatienceMs],
    ['5', longestPatienceMs],
    [1e9, longestPatienceMs],
    [-1, 0],
    [0, 0],
  ]) {
    t.match(readQuestion('look', { group, patienceMs }), { patienceMs: expected })
  }
})

t.test('what is not asked so', async (t) => {
  for (const body of [undefined, null, [], 'x', 1, {}, { group: '' }, { group: 5 }]) {
    t.match(readQuestion('look', body), { wrong: 'no group' })
    t.match(readQuestion('describe', body), { wrong: 'no group' })
    t.match(readQuestion('event', body), { wrong: /no event/ })
  }
  t.match(readQuestion('event', { reason: 'Rumour', message: 'x' }), { wrong: /no event/ })
  t.match(readQuestion('event', { reason: 'Drained' }), { wrong: /no event/ })
  for (const kind of ['', 'Look', 'drain', 'constructor', '__proto__', 'toString']) {
    t.match(readQuestion(kind, { group }), { wrong: 'no such question' })
  }
})

t.test('who asks, and with which role, is not for the question to say', async (t) => {
  const more = { namespace: 'kube-system', uid: 'u-2', role: 'arn:role', ips: ['10.0.0.1'] }
  const { kind, ...rest } = Object.assign({ kind: '' }, readQuestion('look', { group, ...more }))
  t.equal(kind, 'look')
  t.strictSame(rest, { group, patienceMs: longestPatienceMs })
  t.strictSame(readQuestion('pod', more), { kind: 'pod' })
})

t.test('what is wanted beside is left out', async (t) => {
  t.match(readQuestion('describe', { group, wanted: ['delay', 'weight', 3, null] }), {
    wanted: ['delay'],
  })
  for (const wanted of [undefined, 'delay', {}]) {
    t.strictSame(readQuestion('describe', { group, wanted }), {
      kind: 'describe',
      group,
      wanted: [],
      patienceMs: 20_000,
    })
  }
})

t.test('no JSON breaks the reader', async () => {
  const kinds = fc.constantFrom('look', 'describe', 'pod', 'search', 'event', 'x')
  const body = hostile({ group, patienceMs: 1, wanted: ['delay'], reason: 'Drained', message: 'x' })
  fc.assert(fc.property(kinds, body, (kind, one) => 'kind' in readQuestion(kind, one) || true))
})
