import t from 'tap'
import { keptMs } from '../../../src/lookout/looking/groups.ts'
import { lookoutScene, never, web } from '../../support/lookout-scene.ts'
import { callMs } from '../../support/scripted-aws.ts'
import { arnOfGroup } from '../../support/scripted-cluster.ts'

const wait = { patienceMs: 20_000, signal: never }
const group = { arn: web }
const role = { arn: 'arn:aws:iam::210987654321:role/r' }

t.test('accounts: by account and Region, and one for what is only named', async (t) => {
  const { accounts } = lookoutScene()
  const own = accounts.of(web)
  t.match(own, { account: '123456789012', region: 'eu-west-1' })
  t.equal(accounts.of(arnOfGroup('other')), own)
  t.not(accounts.of(arnOfGroup('web-a', '210987654321')), own)
  t.not(accounts.of(web.replace('eu-west-1', 'us-east-1')), own)
  t.match(accounts.of('web-a'), { account: 'own', region: 'own' })
  t.equal(accounts.of('anything'), accounts.of('web-a'))
  t.equal(accounts.all().length, 4)
})

t.test('all who ask before a listing begins are told by it', async (t) => {
  const { clock, groups, aws } = lookoutScene()
  const asked = Array.from({ length: 50 }, () => groups.list(group, wait))
  const answers = await clock.runUntil(Promise.all(asked))
  // The first one's turn begins at once, all others' is the next.
  t.equal(aws.calls.length, 2)
  const told = answers.map((one) => one.kind === 'answer' && one.answer.kind)
  t.strictSame(new Set(told), new Set(['listing']))
})

t.test('another role sees with other eyes', async (t) => {
  const { clock, groups, aws } = lookoutScene()
  const roles = [undefined, role, { ...role, externalId: 'x' }]
  await clock.runUntil(Promise.all(roles.map((one) => groups.list({ arn: web, role: one }, wait))))
  t.strictSame(
    aws.calls.map((call) => call.role),
    [undefined, role.arn, role.arn],
  )
})

t.test('accounts do not wait for each other, groups of one do', async (t) => {
  const { clock, groups, aws } = lookoutScene()
  const arns = [web, arnOfGroup('b'), arnOfGroup('c'), arnOfGroup('far', '210987654321')]
  await clock.runUntil(Promise.all(arns.map((arn) => groups.list({ arn }, wait))))
  t.strictSame(
    aws.calls.map(({ of, atMs }) => [of.split('/')[1], atMs]),
    [
      ['web-a', 0],
      ['far', 0],
      ['b', 200],
      ['c', 400],
    ],
  )
})

t.test('throttled, it asks again by itself, half as often, and nobody hears of it', async (t) => {
  const { clock, groups, aws, accounts } = lookoutScene()
  aws.failure = { kind: 'throttled', said: 'too often' }
  const asked = groups.list(group, wait)
  await clock.advance(3_000)
  aws.failure = undefined
  t.match(await clock.runUntil(asked), { kind: 'answer', answer: { kind: 'listing' } })
  const { counts, budget } = accounts.of(web)
  t.strictSame(counts, { calls: aws.calls.length, throttled: aws.calls.length - 1 })
  t.ok(budget.perSecond() <= 2.5, `${budget.perSecond()}`)
})

t.test('who waits in vain is told that there was no turn, in time', async (t) => {
  const { clock, groups, aws } = lookoutScene()
  aws.failure = { kind: 'throttled', said: 'too often' }
  t.strictSame(await clock.runUntil(groups.list(group, { ...wait, patienceMs: 5_000 })), {
    kind: 'no-turn',
  })
  t.equal(clock.now(), 5_000)
  const described = groups.describe(group, ['delay'], { ...wait, patienceMs: 5_000 })
  t.match(await clock.runUntil(described), { facts: {}, missing: [{ kind: 'throttled' }] })
})

t.test('what went wrong at AWS is told as it is', async (t) => {
  for (const kind of ['denied', 'unreachable', 'gone', 'malformed'] as const) {
    const { clock, groups, aws } = lookoutScene()
    aws.failure = { kind, said: 'why' }
    t.match(await clock.runUntil(groups.list(group, wait)), { answer: { kind, said: 'why' } })
    t.match(await clock.runUntil(groups.describe(group, ['kind'], wait)), { missing: [{ kind }] })
  }
})

t.test('descriptions are kept for a quarter of an hour, failures are not', async (t) => {
  const { clock, groups, aws } = lookoutScene()
  const describe = (...wanted: ('delay' | 'kind')[]) =>
    clock.runUntil(groups.describe(group, wanted, wait))
  aws.failure = { kind: 'denied', said: 'why' }
  t.match(await describe('delay'), { facts: {}, missing: [{ kind: 'denied' }] })
  aws.failure = undefined
  const whole = await describe('delay', 'kind')
  t.strictSame(whole, { kind: 'described', facts: aws.facts, missing: [] })
  t.equal(aws.calls.length, 3)
  await clock.advance(59_000)
  aws.facts = { ...aws.facts, deregistrationDelayMs: 60_000 }
  t.strictSame(await describe('delay', 'kind'), whole)
  t.equal(aws.calls.length, 3)
  await clock.advance(1_000)
  t.match(await describe('delay'), { facts: { deregistrationDelayMs: 60_000 } }, 'it was changed')
})

t.test('where many groups wait for a turn, they are kept for a quarter of an hour', async (t) => {
  const { clock, groups, aws } = lookoutScene()
  const describe = () => clock.runUntil(groups.describe(group, ['delay'], wait))
  t.match(await describe(), { facts: { deregistrationDelayMs: 30_000 } })
  await clock.advance(keptMs - 10_000)
  aws.facts = { ...aws.facts, deregistrationDelayMs: 60_000 }
  const crowd = () => {
    for (let nth = 0; nth < 30; nth += 1) {
      void groups.list({ arn: arnOfGroup(`other-${nth}`) }, { ...wait, patienceMs: 3_000 })
    }
  }
  crowd()
  t.match(await describe(), { facts: { deregistrationDelayMs: 30_000 } })
  aws.failure = { kind: 'unreachable', said: 'why' }
  await clock.advance(4_000)
  t.match(await describe(), { facts: { deregistrationDelayMs: 30_000 } }, 'better than nothing')
  aws.failure = undefined
  await clock.advance(6_000)
  crowd()
  t.match(await describe(), { facts: { deregistrationDelayMs: 60_000 } })
})

t.test('half of what was wanted is better than nothing', async (t) => {
  const { clock, groups, aws } = lookoutScene()
  await clock.runUntil(groups.describe(group, ['delay'], wait))
  aws.failure = { kind: 'unreachable', said: 'why' }
  t.strictSame(await clock.runUntil(groups.describe(group, ['delay', 'kind'], wait)), {
    ...{ kind: 'described', facts: { deregistrationDelayMs: 30_000 } },
    missing: [{ kind: 'unreachable', said: 'why' }],
  })
})

t.test('the ARN of a name is kept, that there is none is not', async (t) => {
  const { clock, groups, aws } = lookoutScene()
  const arnOf = () => clock.runUntil(groups.arnOf('web-a', role, wait))
  t.match(await arnOf(), { kind: 'gone' })
  aws.arns['web-a'] = web
  t.equal(await arnOf(), web)
  t.equal(await arnOf(), web)
  t.equal(aws.calls.length, 2)
  t.match(aws.calls, [{ role: role.arn }, { action: 'arn', role: role.arn }])
  t.ok(clock.now() >= callMs)
  aws.failure = { kind: 'throttled', said: 'too often' }
  t.match(await clock.runUntil(groups.arnOf('x', undefined, { ...wait, patienceMs: 100 })), {
    kind: 'throttled',
  })
})

t.test('who hangs up ends nothing for the others', async (t) => {
  const { clock, groups } = lookoutScene()
  const leaver = new AbortController()
  const left = groups.list(group, { ...wait, signal: leaver.signal })
  const stayed = groups.list(group, wait)
  leaver.abort()
  t.strictSame(await clock.runUntil(left), { kind: 'no-turn' })
  t.match(await clock.runUntil(stayed), { kind: 'answer', answer: { kind: 'listing' } })
})
