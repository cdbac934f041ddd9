import t from 'tap'
import { createAddresses, nameOf } from '../../../src/lookout/client/addresses.ts'
import { createVirtualClock } from '../../support/virtual-clock.ts'

const all = ['10.0.0.1', '10.0.0.2', '10.0.0.3']
const things = Array.from({ length: 300 }, (_, nth) => `arn:group/${nth}`)
const service = 'http://lookout.draingate.svc:8089'

function scene(...urls: string[]) {
  const clock = createVirtualClock()
  const names: Record<string, readonly string[] | Error | 'hangs'> = {
    'lookout.draingate.svc': all,
  }
  const asked: string[] = []
  const resolve = (name: string): Promise<readonly string[]> => {
    asked.push(name)
    const found = names[name] ?? new Error(`ENOTFOUND ${name}`)
    if (found === 'hangs') return new Promise(() => undefined)
    return found instanceof Error ? Promise.reject(found) : Promise.resolve(found)
  }
  const list = (urls.length > 0 ? urls : [service]).map((one) => new URL(one))
  const addresses = createAddresses({ urls: list, clock, resolve })
  const order = async (thing: string) =>
    (await clock.runUntil(addresses.orderFor(thing))).map(nameOf)
  return { clock, names, asked, addresses, order }
}

t.test('everybody computes the same order, however the resolver shuffles', async (t) => {
  const [one, other] = [scene(), scene()]
  other.names['lookout.draingate.svc'] = [...all].reverse()
  for (const thing of things) t.strictSame(await one.order(thing), await other.order(thing))
})

t.test('each has its part, and where one goes only its own move', async (t) => {
  const [three, two] = [scene(), scene()]
  two.names['lookout.draingate.svc'] = all.slice(1)
  const counts = new Map<string | undefined, number>()
  for (const thing of things) {
    const [first, ...rest] = await three.order(thing)
    counts.set(first, (counts.get(first) ?? 0) + 1)
    const after = await two.order(thing)
    t.strictSame(
      after,
      [first, ...rest].filter((name) => name !== '10.0.0.1:8089'),
    )
  }
  t.equal(counts.size, 3)
  for (const count of counts.values()) t.ok(count > 60, `${count}`)
})

t.test('who has not answered comes last for a while', async (t) => {
  const { addresses, order, clock } = scene()
  const before = await order('web')
  const [first] = await addresses.orderFor('web')
  if (first) addresses.failed(first)
  t.strictSame(await order('web'), [...before.slice(1), before[0]])
  await clock.advance(9_999)
  t.strictSame((await order('web')).at(-1), before[0])
  await clock.advance(1)
  t.strictSame(await order('web'), before)
  for (const address of await addresses.orderFor('web')) addresses.failed(address)
  t.strictSame(await order('web'), before, 'where none has answered, all are asked again')
})

t.test('names are not asked about for each question, but soon again', async (t) => {
  const { order, asked, clock, names } = scene()
  await order('a')
  await order('b')
  t.equal(asked.length, 1)
  names['lookout.draingate.svc'] = ['10.0.0.9']
  await clock.advance(5_000)
  t.strictSame(await order('a'), ['10.0.0.9:8089'])
})

t.test('a resolver that is away takes no lookout away', async (t) => {
  for (const away of [new Error('EAI_AGAIN'), [], 'hangs'] as const) {
    const { order, names, clock } = scene()
    const before = await order('web')
    names['lookout.draingate.svc'] = away
    await clock.advance(5_000)
    const askedMs = clock.now()
    t.strictSame(await order('web'), before)
    t.ok(clock.now() - askedMs <= 2_000, 'it is not waited for')
    await clock.advance(60_000)
    t.strictSame(await order('web'), before)
  }
})

t.test('nor one of two names that cannot be resolved', async (t) => {
  const { order, names, clock } = scene(service, 'http://second:8089')
  names.second = ['10.0.0.9']
  const before = await order('web')
  t.equal(before.length, 4)
  names.second = new Error('EAI_AGAIN')
  await clock.advance(5_000)
  t.strictSame(await order('web'), before)
})

t.test('where nothing was ever found it says why, and asks again at once', async (t) => {
  const { order, names } = scene()
  names['lookout.draingate.svc'] = new Error('ENOTFOUND')
  await t.rejects(order('web'), /ENOTFOUND/)
  names['lookout.draingate.svc'] = 'hangs'
  await t.rejects(order('web'), /nothing within/)
  names['lookout.draingate.svc'] = all
  t.equal((await order('web')).length, 3)
})

t.test('addresses as they are, of both families and with their ports', async (t) => {
  const { order, addresses, asked } = scene(
    ...['http://10.0.0.1', 'https://[fd00::1]', 'http://[fd00::2]:8089'],
  )
  t.strictSame((await order('web')).sort(), ['10.0.0.1:80', '[fd00::1]:443', '[fd00::2]:8089'])
  t.match(await addresses.orderFor('web'), { length: 3 })
  t.strictSame(asked, [])
})

t.test('a lookout that two names lead to is one', async (t) => {
  const { order, names } = scene(service, 'http://same:8089')
  names.same = all
  t.equal((await order('web')).length, 3)
})
