import t from 'tap'
import { generated } from '../docs/generate.ts'

t.test('the generated parts of the docs are up to date', async (t) => {
  for (const { file, is, shouldBe } of await generated())
    t.equal(is, shouldBe, `${file}: npm run docs`)
})
