import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { arnOfGroup, podObject } from '../../support/scripted-cluster.ts'

const main = join(import.meta.dirname, '../../../src/main.ts')
/** Writes which modules are loaded. */
const spy = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from 'node:fs'
  import { registerHooks } from 'node:module'
  registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context)
      writeSync(2, 'loads ' + found.url + '\\n')
      return found
    },
  })
`)}`

const target = { id: '10.0.1.7', port: 8080 }
const answers: Record<string, object> = {
  '/v1/pod': { kind: 'pod', object: podObject({ terminationGracePeriodSeconds: 30 }) },
  '/v1/search': {
    ...{ kind: 'discovery', possible: [], services: [], missing: [], narrowed: [] },
    bindings: [
      {
        ...{ apiGroup: 'elbv2.k8s.aws', name: 'web', service: 'web', claim: 'bound' },
        ...{ arn: arnOfGroup('web'), targetType: 'ip', protocol: 'HTTP' },
      },
    ],
  },
  '/v1/look': {
    ...{ kind: 'seen', group: 'serving', othersDraining: 0 },
    sightings: [{ target, state: 'healthy' }],
  },
  '/v1/describe': { kind: 'described', facts: { deregistrationDelayMs: 30_000 }, missing: [] },
  '/v1/event': { kind: 'told' },
}

/** Drains a pod that nobody deletes, by a lookout that is there, or not. */
async function drain(t: Test, settings: Record<string, string>) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end(JSON.stringify({ answer: answers[request.url ?? ''] }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const token = join(t.testdir({ token: 'a.b.c' }), 'token')
  const child = spawn(process.execPath, ['--import', spy, main, 'wait'], {
    env: {
      ...{
        PATH: '',
        POD_IPS: '10.0.1.7',
        LOOKOUT_URL: `http://127.0.0.1:${port}`,
        LOOKOUT_TOKEN_PATH: token,
      },
      ...{ RESTART_SECONDS: '3', AWS_REGION: 'eu-west-1', AWS_EC2_METADATA_DISABLED: 'true' },
      ...settings,
    },
  })
  t.teardown(() => child.kill('SIGKILL'))
  const [said] = await Promise.all([text(child.stderr), once(child, 'close')])
  const loaded = said.split('\n').filter((line) => line.startsWith('loads '))
  const isLoaded = (part: string) => loaded.some((line) => line.includes(part))
  return { asked: new Set(asked), isLoaded, said }
}

t.test('who is answered by a lookout does not load the SDK', async (t) => {
  const { asked, isLoaded, said } = await drain(t, {})
  t.match(said, /"outcome":"not-terminating"/)
  for (const path of ['/v1/pod', '/v1/search', '/v1/look', '/v1/describe'])
    t.ok(asked.has(path), path)
  t.ok(isLoaded('src/lookout/client/exchange.ts'), 'the spy sees what is loaded')
  for (const part of ['@aws-sdk', 'src/aws/api.ts', 'jose', 'src/lookout/server']) {
    t.notOk(isLoaded(part), part)
  }
})

t.test('whom none answers, it is the one that is left', async (t) => {
  const away = { LOOKOUT_URL: 'http://127.0.0.1:1', FALLBACK_SECONDS: '12', LOOKOUT_ELSE: 'self' }
  const { isLoaded, said } = await drain(t, { ...away, TARGET_GROUP_ARNS: arnOfGroup('web') })
  t.match(said, /"outcome":"fallback"/)
  t.ok(isLoaded('src/aws/api.ts'))
})
