import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { validate } from 'dockerfile-utils'
import t from 'tap'
import { flags } from '../../bench/footprint/programs.ts'
import manifest from '../../package.json' with { type: 'json' }

const dockerfile = readFileSync(join(import.meta.dirname, '../../Dockerfile'), 'utf8')

t.test('the linter has nothing to say', async (t) => {
  t.strictSame(validate(dockerfile), [])
  t.equal(validate('FROM a\nMAINTAINER b').length, 1, 'which it would')
})

t.test('the image says which version it is', async (t) => {
  t.match(dockerfile, `org.opencontainers.image.version="${manifest.version}"`)
})

t.test('the image ships the runtime that the tests run on', async (t) => {
  const bases = [...dockerfile.matchAll(/library\/node:([\d.]+)-/g)].map(([, version]) => version)
  t.ok(bases.length >= 3)
  for (const version of bases) t.equal(version, manifest.devDependencies.node)
})

t.test('its flags are those of the compile cache, and of the footprint', async (t) => {
  const lines = dockerfile.split('\n').filter((line) => line.includes('--optimize-for-size'))
  const told = lines.map((line) => line.match(/--[a-z-]+(=\d+)?/g))
  t.strictSame(told, [[...flags], [...flags]])
})
