import { join } from 'node:path'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import t from 'tap'
import manifest from '../package.json' with { type: 'json' }
import { billOfMaterials } from '../sbom.ts'

const folder = (name: string) => join(import.meta.dirname, '../node_modules', name)

t.test('the bundled packages, each once, with what package-url makes of their names', async (t) => {
  const names = ['pino', 'fastify', '@aws-sdk/client-sts', 'pino']
  const bill = JSON.parse(await billOfMaterials(names.map(folder), manifest))
  t.match(bill, { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 })
  t.match(bill.metadata.component, { name: 'draingate', version: manifest.version })
  const { dependencies } = manifest
  t.strictSame(
    bill.components.map(({ purl }: { purl: string }) => purl),
    [
      `pkg:npm/%40aws-sdk/client-sts@${dependencies['@aws-sdk/client-sts']}`,
      `pkg:npm/fastify@${dependencies.fastify}`,
      `pkg:npm/pino@${dependencies.pino}`,
    ],
  )
  t.match(bill.components[1].licenses, [{ expression: 'MIT' }])
})

t.test('it is CycloneDX, by the schema', async (t) => {
  const schema = new Validation.JsonStrictValidator(Spec.Version.v1dot6)
  const bill = await billOfMaterials(['pino', 'fastify'].map(folder), manifest)
  t.equal(await schema.validate(bill), null)
  const wrong = bill.replace('"bomFormat"', '"format"')
  t.not(await schema.validate(wrong), null, 'which would be noticed')
})
