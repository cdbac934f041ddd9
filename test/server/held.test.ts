import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { createHold } from '../../src/server/held.ts'

const callerOf = () => new EventEmitter() as ServerResponse

t.test('those who wait for one end learn of it, and of which, in their order', async (t) => {
  const hold = createHold<string>()
  const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()]
  const answered: string[] = []
  const wait = (end: Promise<string>, name: string) =>
    void hold(end, callerOf()).then((how) => answered.push(`${name} ${how}`))
  wait(first.promise, 'a')
  wait(second.promise, 'b')
  wait(first.promise, 'c')
  await setImmediate()
  t.strictSame(answered, [])
  first.resolve('late')
  await setImmediate()
  t.strictSame(answered, ['a late', 'c late'])
  second.resolve('well')
  wait(first.promise, 'd')
  await setImmediate()
  t.strictSame(answered, ['a late', 'c late', 'b well', 'd late'])
})

t.test('whoever hung up learns nothing', async (t) => {
  const hold = createHold<void>()
  const end = Promise.withResolvers<void>()
  const caller = callerOf()
  const waited = hold(end.promise, caller).then(() => 'answered')
  caller.emit('close')
  end.resolve()
  await setImmediate()
  t.equal(await Promise.race([waited, setImmediate('forgotten')]), 'forgotten')
})

t.test('nothing is kept of whoever hung up', async (t) => {
  setFlagsFromString('--expose-gc')
  const collectGarbage: () => void = runInNewContext('gc')
  const hold = createHold<void>()
  const end = Promise.withResolvers<void>()
  const callers = [callerOf(), callerOf()]
  const waits = callers.map((caller) => new WeakRef(hold(end.promise, caller)))
  callers[0]?.emit('close')
  callers.length = 0
  await setImmediate()
  collectGarbage()
  t.equal(waits[0]?.deref(), undefined)
  t.ok(waits[1]?.deref(), 'but of the other')
  end.resolve()
})
