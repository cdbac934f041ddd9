import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { leaveTerminationMessage } from '../../src/telling/termination-message.ts'

t.test('takes the place of an earlier one, and is no longer than the kubelet reads', async (t) => {
  const path = join(t.testdir({ log: 'what a restart left behind' }), 'log')
  t.equal(leaveTerminationMessage(path, 'fine'), undefined)
  t.equal(readFileSync(path, 'utf8'), 'fine')
  leaveTerminationMessage(path, 'ü'.repeat(5_000))
  t.equal(readFileSync(path).length, 4_096)
})

t.test('where there is no such file, none is made', async (t) => {
  t.equal(leaveTerminationMessage(join(t.testdir({}), 'log'), 'fine'), 'ENOENT')
})
