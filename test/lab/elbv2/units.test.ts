import t from 'tap'
import { createBucket } from '../../../lab/elbv2/bucket.ts'
import { createCalls } from '../../../lab/elbv2/calls.ts'
import { createFaults } from '../../../lab/elbv2/faults.ts'
import { parseQuery } from '../../../lab/elbv2/query.ts'

t.test('a bucket empties, refills to the millisecond and overflows', (t) => {
  let ms = 0
  const take = createBucket({ capacity: 2, perSecond: 10 }, () => ms)
  t.strictSame([take(), take(), take()], [true, true, false])
  for (; ms < 99; ms += 1) t.equal(take(), false, `at ${ms}`)
  ms = 100
  t.strictSame([take(), take()], [true, false])
  ms = 1_000_000
  t.strictSame([take(), take(), take()], [true, true, false])
  t.end()
})

t.test('the log forgets the oldest calls but counts them', (t) => {
  const calls = createCalls(3)
  for (let atMs = 0; atMs < 20; atMs += 1) {
    calls.add({
      atMs,
      action: atMs % 2 ? 'A' : 'B',
      named: 0,
      code: atMs < 5 ? 'OK' : 'Throttling',
    })
    t.ok(calls.list().length <= 3)
  }
  t.strictSame(
    calls.list().map(({ atMs }) => atMs),
    [17, 18, 19],
  )
  t.equal(calls.count(), 20)
  t.equal(calls.count({ action: 'A' }), 10)
  t.equal(calls.count({ code: 'OK' }), 5)
  t.equal(calls.count({ action: 'B', code: 'OK' }), 3)
  t.end()
})

t.test('a fault happens on its occasion only', (t) => {
  let ms = 0
  const faults = createFaults(() => ms)
  const take = (action: string, arn?: string) => faults.take(action, arn)?.kind
  faults.add({ kind: 'throttle', action: 'A', times: 2 })
  faults.add({ kind: 'hang', groupArn: 'g', untilMs: 10 })
  const remove = faults.add({ kind: 'garbage' })
  t.strictSame(
    [take('A', 'g'), take('B', 'g'), take('A'), take('A', 'g'), take('B')],
    ['throttle', 'hang', 'throttle', 'hang', 'garbage'],
  )
  ms = 9
  t.equal(take('A', 'g'), 'hang')
  ms = 10
  t.equal(take('A', 'g'), 'garbage')
  remove()
  t.equal(take('A', 'g'), undefined)
  faults.add({ kind: 'other-pod' })
  t.equal(take('DescribeTargetGroups'), undefined, 'a fault of health answers leaves others alone')
  t.equal(take('DescribeTargetHealth'), 'other-pod')
  faults.clear()
  t.equal(take('DescribeTargetHealth'), undefined)
  t.end()
})

t.test('lists of the query protocol come in the order of their numbers', (t) => {
  const query = parseQuery('Names.member.10=c&Names.member.2=b&Names.member.1=a&Targets=&Name=x')
  t.strictSame(query.values('Names'), ['a', 'b', 'c'])
  t.equal(query.values('Targets'), undefined)
  t.equal(query.values('Name'), undefined)
  t.strictSame(parseQuery('T.member.1.Id=10.0.1.7&T.member.1.Port=1').structures('T'), [
    new Map([
      ['Id', '10.0.1.7'],
      ['Port', '1'],
    ]),
  ])
  t.end()
})
