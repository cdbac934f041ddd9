import t from 'tap'
import {
  deadlineOf,
  fallbackOf,
  firstLookOf,
  lookByOf,
  restartBoundOf,
  settleOfGroup,
} from '../../../src/drain/judgement/limits.ts'
import type { Progress } from '../../../src/drain/knowledge/progress.ts'
import { first, groupWith, knowing, podSaid, s, within } from '../../support/known.ts'
import { failed } from '../../support/scripted-balancer.ts'

const later = { arrivedAtMs: 10 * s }
const short = within({ graceMs: 12 * s, reserveMs: 3 * s })
const allReserve = within({ graceMs: 5 * s })
const nothing = knowing([])
const application = groupWith([], { facts: { loadBalancer: 'application' } })
const network = groupWith([], { facts: { loadBalancer: 'network' } })

t.test('the deadline counts from the arrival of the hook, unless the pod tells it', async (t) => {
  const deadline = (known: Progress) => deadlineOf(later, known, short)
  t.equal(deadline(nothing), 19 * s)
  t.equal(deadline(knowing([], { joinedAtMs: 15 * s })), 19 * s, 'whoever comes after it')
  t.equal(deadline(knowing([], podSaid('staying', { graceMs: 60 * s }))), 67 * s)
  const told = { graceMs: 60 * s, graceEndsAtMs: 40 * s }
  t.equal(deadline(knowing([], podSaid('deleting', told))), 37 * s, 'of a deletion its end')
  t.equal(deadline(knowing([], podSaid('deleting', { graceEndsAtMs: 12 * s }))), 10 * s)
})

t.test('a restart is told from a deletion in time for one more look', async (t) => {
  t.equal(restartBoundOf(later, nothing, within()), 25 * s)
  t.equal(restartBoundOf(later, nothing, short), 17 * s)
  t.equal(restartBoundOf(later, nothing, allReserve), 10 * s, 'but not before the hook')
})

t.test('the settle time, and until when draining has to show for it', async (t) => {
  const limits = within({ graceMs: 60 * s })
  const of = (group: typeof network, more = {}) => [
    settleOfGroup(group, { ...limits, ...more }) / s,
    lookByOf(later, group, nothing, { ...limits, ...more }) / s,
  ]
  t.strictSame(of(application), [20, 44])
  t.strictSame(of(network), [120, -56])
  t.strictSame(of(groupWith([])), [120, 44], 'the slowest, but it may turn out to be the fastest')
  t.strictSame(of(network, { settleMs: 7 * s }), [7, 57], 'the setting')
})

t.test('the first look comes after a head start for the controller, spread', async (t) => {
  const look = (spread: number, limits = {}, group = application, known = nothing) =>
    firstLookOf(first, group, known, within({ spread, ...limits })) / s
  t.strictSame([look(0), look(0.5), look(1)], [2, 7, 12])
  const grace = (seconds: number) => ({ graceMs: seconds * s })
  t.strictSame([look(0, grace(30)), look(1, grace(30))], [2, 4], 'in time to settle')
  t.strictSame([look(0, grace(27)), look(1, grace(27))], [1, 1])
  t.strictSame([look(0, grace(26)), look(1, grace(26))], [2, 12], 'where it cannot, as usual')
  t.equal(look(1, { graceMs: 12 * s, reserveMs: 3 * s }, network), 7, 'before the time is up')
  t.equal(look(1, grace(5)), 0, 'or at once')
  const stays = knowing([], podSaid('staying'))
  t.strictSame([look(0, {}, application, stays), look(1, {}, application, stays)], [2, 5])
  t.equal(look(1, {}, { ...application, knownAtMs: 30 * s }), 30, 'what is found late, at once')
  const late = { ...nothing, startedAtMs: 3 * s }
  t.equal(look(0.5, {}, application, late), 10)
  t.equal(look(1, grace(30), application, late), 4)
})

t.test('until when to hold for what cannot be learnt', async (t) => {
  const until = (more: object = {}, limits = within(), hook = first) => {
    const { known = nothing, ...rest } = more as { known?: Progress }
    return fallbackOf(hook, known, { askedFromMs: 2 * s, ...rest }, limits) / s
  }
  const down = failed('unreachable')
  t.equal(until(), 30)
  t.equal(until({}, within(), later), 40, 'from the arrival of the hook')
  t.equal(until({}, within({ fallbackMs: 0 })), 7, 'but no look takes no time')
  t.equal(until({ askedFromMs: 27 * s }), 32)
  t.equal(until({ failure: { ...down, outageAtMs: 20 * s } }), 50, 'from when the answers stopped')
  t.equal(
    until({ known: { ...nothing, thawedAtMs: 60 * s } }),
    65,
    'a frozen process learnt nothing',
  )
  t.equal(until({ failure: failed('throttled') }), 995, 'throttling is no outage')
  t.equal(until({ failure: down }, within({ graceMs: 20 * s })), 15, 'within the time')
  t.equal(until({}, short), 9)
  t.equal(until({ askedFromMs: 9 * s }, short), 11, 'where no answer could come, it was the time')
  t.equal(until({ known: knowing([], podSaid('deleted')), failure: down }), Infinity, 'by force')
})
