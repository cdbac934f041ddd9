import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse as parseHcl } from '@cdktf/hcl2json'
import t from 'tap'
import { parse } from 'yaml'
import { noBinaries, run } from './binaries.ts'
import { podSpecsOf, sidecarOf } from './pods.ts'
import { type KubernetesObject, objectsOf, render } from './render.ts'
import { faultsOf } from './schemas.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFile(join(root, 'examples', path), 'utf8')

// What is not whole objects: templates, the patches of the kustomize component, promtool's tests.
const parts = /^helm-app|^kustomize\/component\/(hook|sidecar)\.yaml$|\.test\.yaml$/

async function manifests(): Promise<string[]> {
  const found = await readdir(join(root, 'examples'), { recursive: true })
  return found.filter((path) => path.endsWith('.yaml') && !parts.test(path))
}

t.test('every example fits the schemas', async (t) => {
  const paths = await manifests()
  t.ok(paths.includes('native-sidecar.yaml') && paths.includes('eksctl/irsa.yaml'))
  const objects = await Promise.all(paths.map(async (path) => objectsOf(await read(path))))
  t.same(await faultsOf(objects.flat()), [])
})

t.test('the kustomize component', { skip: noBinaries }, async (t) => {
  const built = objectsOf(await run('kubectl', ['kustomize', join(root, 'examples/kustomize/app')]))
  t.same(await faultsOf(built), [])
  const [spec] = podSpecsOf(built)
  const [manifest] = podSpecsOf(objectsOf(await read('native-sidecar.yaml')))
  t.ok(spec && manifest)
  t.same(
    spec && sidecarOf(spec),
    manifest && sidecarOf(manifest),
    'has the sidecar of the manifest',
  )
  t.equal(spec?.terminationGracePeriodSeconds, manifest?.terminationGracePeriodSeconds)
  t.same(spec?.containers[0]?.lifecycle, manifest?.containers[0]?.lifecycle)
  t.match(
    built.find(({ kind }) => kind === 'RoleBinding'),
    { subjects: [{ kind: 'ServiceAccount', name: 'web', namespace: 'default' }] },
    'binds the service account of the Deployment',
  )
})

t.test('all allow the same of the Kubernetes API', { skip: noBinaries }, async (t) => {
  const [role] = rolesOf(objectsOf(await render('alone', {})))
  const injection = rolesOf(objectsOf(await render('alone', { injection: { enabled: true } })))
  const lookout = rolesOf(objectsOf(await render('alone', { lookout: { enabled: true } })))
  const paths = ['native-sidecar', 'regular-sidecar', 'exec-hook', 'kustomize/component/role']
  const written = paths.map(async (path) => rolesOf(objectsOf(await read(`${path}.yaml`))))
  const rest = [...injection, ...lookout, ...(await Promise.all(written)).flat()]
  t.equal(rest.length, 6)
  for (const rules of rest) t.same(rules, role)
})

t.test('all allow the same of AWS', async (t) => {
  const { Statement } = JSON.parse(await read('iam/policy.json'))
  const policy = allowed(Statement)
  for (const prefix of ['', 'lookout-']) {
    const pods = parse(await read(`eksctl/${prefix}pod-identity.yaml`)).iam
    t.same(allowed(pods.podIdentityAssociations[0].permissionPolicy.Statement), policy)
    const accounts = parse(await read(`eksctl/${prefix}irsa.yaml`)).iam
    t.same(allowed(accounts.serviceAccounts[0].attachPolicy.Statement), policy)
  }
  const terraform = await parseHcl('main.tf', await read('terraform/main.tf'))
  const [document] = terraform.data.aws_iam_policy_document.draingate
  t.same(allowed(document.statement), policy)
})

t.test('one service account has the role of the lookout', { skip: noBinaries }, async (t) => {
  const args = ['--namespace', 'draingate']
  const objects = objectsOf(await render('alone', { lookout: { enabled: true } }, args))
  const account = objects.find(({ kind }) => kind === 'ServiceAccount')?.metadata
  t.match(account, { name: 'draingate-lookout', namespace: 'draingate' })
  const { iam: pods } = parse(await read('eksctl/lookout-pod-identity.yaml'))
  const { namespace, serviceAccountName: name } = pods.podIdentityAssociations[0]
  t.match(account, { name, namespace })
  const { iam: accounts } = parse(await read('eksctl/lookout-irsa.yaml'))
  t.match(account, accounts.serviceAccounts[0].metadata)
  const irsa = await read('iam/lookout-irsa-trust.json')
  t.match(irsa, '"system:serviceaccount:draingate:draingate-lookout"')
  const [{ Condition: condition }] = JSON.parse(
    await read('iam/lookout-pod-identity-trust.json'),
  ).Statement
  t.same(condition.StringEquals, {
    'aws:RequestTag/kubernetes-namespace': 'draingate',
    'aws:RequestTag/kubernetes-service-account': 'draingate-lookout',
  })
  const terraform = await parseHcl('lookout.tfvars.tf', await read('terraform/lookout.tfvars'))
  t.match(terraform, { namespace: 'draingate', service_account: 'draingate-lookout' })
  const { variable } = await parseHcl('variables.tf', await read('terraform/variables.tf'))
  for (const each of Object.keys(terraform)) t.ok(each in variable, each)
})

t.test('the Terraform example names what it declares', async (t) => {
  const source = await read('terraform/main.tf')
  const { variable } = await parseHcl('variables.tf', await read('terraform/variables.tf'))
  const named = new Set([...source.matchAll(/\bvar\.(\w+)/g)].map(([, name]) => name))
  t.same([...named].sort(), Object.keys(variable).sort())
})

t.test('all have the image of this version', async (t) => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const paths = [...(await manifests()), 'kustomize/component/sidecar.yaml']
  const texts = await Promise.all(paths.map(read))
  const tags = texts.flatMap((text) => [...text.matchAll(/\/draingate:([\w.-]+)/g)])
  t.ok(tags.length > 3)
  for (const [image, tag] of tags) t.equal(tag, version, image)
})

function rolesOf(objects: readonly KubernetesObject[]): unknown[] {
  return objects
    .filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole')
    .map((role) => (role as unknown as { rules: unknown }).rules)
}

type Some = string | readonly string[]

interface Statement {
  readonly Action?: Some
  readonly Resource?: Some
  readonly actions?: Some
  readonly resources?: Some
}

/** The actions of statements, each with its resource: JSON's and Terraform's names for them. */
function allowed(statements: readonly Statement[]): string[] {
  return statements
    .flatMap(({ Action, Resource, actions = Action, resources = Resource }) =>
      [actions ?? []].flat().map((action) => `${action} on ${[resources ?? []].flat()}`),
    )
    .sort()
}
