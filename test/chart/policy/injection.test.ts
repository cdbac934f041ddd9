import t from 'tap'
import { noBinaries } from '../binaries.ts'
import { environmentOf, type PodSpec, podSpecsOf, sidecarOf } from '../pods.ts'
import { objectsOf, render } from '../render.ts'
import { faultsOf } from '../schemas.ts'
import { admit, expressionsOf, type Pod, policyFor } from './admit.ts'
import { evaluate, faultsOfTypes } from './cel.ts'

/** A pod as the API server has it at admission: defaults are set by then. */
function pod(spec: Record<string, unknown> = {}, annotations?: Record<string, string>) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web-5d4f-abcde',
      namespace: 'shop',
      labels: { 'draingate/inject': 'true' },
      ...(annotations && { annotations }),
    },
    spec: { terminationGracePeriodSeconds: 30, containers: [web], ...spec },
  } satisfies Pod
}

const web = { name: 'web', image: 'web:1', ports: [{ containerPort: 8080, protocol: 'TCP' }] }
const logs = { name: 'logs', image: 'logs:1' }
const hook = { httpGet: { path: '/prestop', port: 8089 } }
const sleep = { preStop: { exec: { command: ['sleep', '5'] } } }

t.test('injection', { skip: noBinaries }, async (t) => {
  const policy = await policyFor({})
  const injected: Pod[] = []
  const inject = (given: Pod) => {
    const result = admit(policy, given)
    injected.push(result)
    return result
  }
  const verdict = (given: Pod) => annotation(admit(policy, given))

  t.test('a plain pod', async (t) => {
    t.match(inject(pod()), {
      metadata: { annotations: { 'draingate/injected': 'true' } },
      spec: {
        terminationGracePeriodSeconds: 325,
        initContainers: [{ name: 'draingate', restartPolicy: 'Always' }],
        containers: [{ ...web, lifecycle: { preStop: hook } }],
      },
    })
  })

  t.test('what the pod has stays', async (t) => {
    const started = { postStart: { exec: { command: ['true'] } } }
    const spec = {
      terminationGracePeriodSeconds: 600,
      initContainers: [{ name: 'migrate', image: 'web:1' }],
      containers: [logs, { ...web, lifecycle: started }],
    }
    const result = inject(pod(spec, { team: 'shop' }))
    t.same(result.metadata.annotations, { team: 'shop', 'draingate/injected': 'true' })
    t.equal(
      specOf(result).terminationGracePeriodSeconds,
      600,
      'a longer grace period is not lowered',
    )
    t.match(result.spec, {
      initContainers: [{ name: 'migrate' }, { name: 'draingate' }],
      containers: [logs, { ...web, lifecycle: { ...started, preStop: hook } }],
    })
    t.match(environmentOf(specOf(result)), { GRACE_PERIOD_SECONDS: '600' })
  })

  t.test('the hook goes to the container that the pod names', async (t) => {
    const api = { name: 'api', image: 'api:1' }
    t.match(inject(pod({ containers: [web, api] }, { 'draingate/container': 'api' })), {
      spec: { containers: [web, { ...api, lifecycle: { preStop: hook } }] },
    })
    const hooked = { ...web, lifecycle: sleep }
    t.match(inject(pod({ containers: [hooked, api] }, { 'draingate/container': 'api' })), {
      spec: { containers: [hooked, { ...api, lifecycle: { preStop: hook } }] },
    })
  })

  t.test('a pod that is left alone is told why', async (t) => {
    const cases: [Pod, string][] = [
      [
        pod({ containers: [{ ...web, lifecycle: sleep }] }),
        'no: container web has a preStop hook already',
      ],
      [
        pod({ containers: [web, { ...logs, lifecycle: sleep }] }),
        'no: container logs has a preStop hook already',
      ],
      [pod({ containers: [logs] }), 'no: no container has ports'],
      [pod({}, { 'draingate/container': 'api' }), 'no: no container is named api'],
      [
        pod({ hostNetwork: true }),
        'no: the kubelet cannot call the hook of a pod with hostNetwork',
      ],
    ]
    for (const [given, expected] of cases) {
      const result = admit(policy, given)
      t.equal(annotation(result), expected)
      t.same(result.spec, given.spec)
    }
  })

  t.test('never twice, and never unasked', async (t) => {
    const once = admit(policy, pod())
    t.equal(admit(policy, once), once)
    const own = pod({ initContainers: [{ name: 'draingate', image: 'own:1' }] })
    t.equal(admit(policy, own), own)
    const regular = pod({ containers: [web, { name: 'draingate', image: 'own:1' }] })
    t.equal(admit(policy, regular), regular)
    const unlabelled = { ...pod(), metadata: { labels: { 'draingate/inject': 'false' } } }
    t.equal(admit(policy, unlabelled), unlabelled)
    t.equal(verdict(pod({ hostNetwork: false })), 'true')
  })

  t.test('the sidecar is the one of the templates', async (t) => {
    const manifest = await render('helm-app', {
      deregistrationDelaySeconds: 300,
      reserveSeconds: 5,
    })
    const [template] = podSpecsOf(objectsOf(manifest))
    t.same(sidecarOf(specOf(admit(policy, pod()))), template && sidecarOf(template))
  })

  t.test('a regular sidecar, and other values', async (t) => {
    const values = {
      native: false,
      port: 9000,
      terminationGracePeriodSeconds: 80,
      extraEnv: [{ name: 'QUOTED', value: '"a\\b"\n<é>' }],
    }
    const result = admit(await policyFor(values), pod())
    injected.push(result)
    t.match(result.spec, {
      terminationGracePeriodSeconds: 80,
      containers: [
        { ...web, lifecycle: { preStop: { httpGet: { port: 9000 } } } },
        { name: 'draingate', ports: [{ containerPort: 9000 }] },
      ],
    })
    t.notMatch(result.spec, { initContainers: [] })
    t.match(environmentOf(specOf(result)), {
      QUOTED: '"a\\b"\n<é>',
      GRACE_PERIOD_SECONDS: '80',
    })
  })

  t.test('every injected pod fits the schemas, and every literal its type', async (t) => {
    t.ok(injected.length > 4)
    t.same(await faultsOf(injected as never[]), [])
    for (const expression of expressionsOf(policy)) t.same(faultsOfTypes(expression), [])
  })
})

t.test('what the API server would refuse is found', async (t) => {
  const nothing = new Map<string, string>()
  t.match(faultsOfTypes('Object.spec{a: Object.spec.b{}}'), [
    'Object.spec.a is given a Object.spec.b',
  ])
  t.match(faultsOfTypes('Object.spec{a: [Object.a{}]}'), ['Object.spec.a is given a Object.a'])
  t.match(faultsOfTypes('JSONPatch{operation: "add"}'), ['JSONPatch has no operation'])
  t.match(faultsOfTypes('Pod{a: 1}'), ['there is no type Pod'])
  t.match(faultsOfTypes('{"a": 1, "b": "c"}'), ['a map of mixed constants'])
  t.match(faultsOfTypes('[1, "c"]'), ['a list of mixed constants'])
  t.throws(() => evaluate('object.metadata.annotations["a"]', { metadata: {} }, nothing))
  t.throws(() => evaluate('variables.nameless', {}, nothing), /no variable nameless/)
  t.throws(() => evaluate('a +', {}, nothing))
})

function specOf({ spec }: Pod): PodSpec {
  return spec as PodSpec
}

function annotation({ metadata }: Pod): string | undefined {
  return metadata.annotations?.['draingate/injected']
}
