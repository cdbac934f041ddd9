import t, { type Test } from 'tap'
import { createProcesses } from '../../../lab/kubelet/processes.ts'
import { createLookout } from '../../../lab/lookout/lookout.ts'

/** A program that says where it listens and is ready at its second look. */
const program = `
  let looks = 0
  const server = require('node:http').createServer((request, response) => {
    if (request.url === '/readyz') response.statusCode = looks++ ? 200 : 503
    response.end(process.env.GREETING)
  })
  server.listen(0, '127.0.0.1', () => {
    console.log(JSON.stringify({ url: 'http://127.0.0.1:' + server.address().port }))
  })
`

async function lookoutOf(t: Test, script: string) {
  const processes = createProcesses()
  let starts = 0
  const lookout = await createLookout({
    ...{ name: 'lookout-0', processes, command: [process.execPath, '-e', script] },
    environment: () => ({ GREETING: `start ${++starts}` }),
    line: () => undefined,
  })
  t.teardown(async () => {
    await processes.close()
    await lookout.close()
  })
  const ask = async () => (await fetch(lookout.url)).text()
  return { lookout, ask }
}

t.test('an address that stays, whatever becomes of the processes behind it', async (t) => {
  const { lookout, ask } = await lookoutOf(t, program)
  await t.rejects(ask(), 'before the first')
  const starting = lookout.start()
  await t.rejects(ask(), 'nor before it is ready')
  await starting
  t.equal(await ask(), 'start 1')
  t.not(lookout.ownUrl(), lookout.url)
  lookout.signal('SIGKILL')
  t.match(await lookout.ended(), { signal: 'SIGKILL' })
  await t.rejects(ask())
  await lookout.start()
  t.equal(await ask(), 'start 2')
})

t.test('one that is stopped says nothing, until it goes on', async (t) => {
  const { lookout, ask } = await lookoutOf(t, program)
  await lookout.start()
  lookout.signal('SIGSTOP')
  const asked = ask()
  const first = await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, 300))])
  t.equal(first, undefined)
  lookout.signal('SIGCONT')
  t.equal(await asked, 'start 1')
})

t.test('one that ends before it is ready says why', async (t) => {
  const { lookout } = await lookoutOf(t, 'console.log("no such setting")')
  await t.rejects(lookout.start(), { message: 'lookout-0 ended: no such setting' })
})
