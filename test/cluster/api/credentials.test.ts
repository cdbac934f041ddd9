import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createCredentials } from '../../../src/cluster/api/credentials.ts'
import { createVirtualClock } from '../../support/virtual-clock.ts'

t.test('read anew after some seconds, and when they were not accepted', async (t) => {
  const clock = createVirtualClock()
  const directory = t.testdir({ token: 'first\n', 'ca.crt': 'ca' })
  const account = createCredentials(clock, directory)
  t.same(await account.read('get pods'), { token: 'first', ca: 'ca' })
  writeFileSync(join(directory, 'token'), 'second')
  await clock.advance(9_999)
  t.match(await account.read('get pods'), { token: 'first' })
  await clock.advance(1)
  t.match(await account.read('get pods'), { token: 'second' })
  writeFileSync(join(directory, 'token'), 'third')
  account.forget()
  t.match(await account.read('get pods'), { token: 'third' })
})

t.test('nothing is kept of what could not be read', async (t) => {
  const clock = createVirtualClock()
  const directory = t.testdir({ token: 'first' })
  const account = createCredentials(clock, directory)
  t.match(await account.read('get pods'), { kind: 'denied', said: /ca\.crt \(ENOENT\)/ })
  writeFileSync(join(directory, 'ca.crt'), 'ca')
  t.match(await account.read('get pods'), { token: 'first' })
  rmSync(join(directory, 'token'))
  await clock.advance(10_000)
  t.match(await account.read('get pods'), { kind: 'denied', said: /token \(ENOENT\)/ })
})
