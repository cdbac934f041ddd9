import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readQuestion } from '../../../src/lookout/wire/questions.ts'
import {
  ask,
  conversations,
  type Exchange,
  exchangesIn,
  type Saying,
  talk,
} from './conversations.ts'

const folders = readdirSync(exchangesIn('')).filter((name) => name !== 'README.md')
const filesIn = (folder: string) => readdirSync(exchangesIn(folder))
const recorded = (folder: string, file: string): Exchange =>
  JSON.parse(readFileSync(join(exchangesIn(folder), file), 'utf8'))

const kept =
  'a sidecar and a lookout of the version that said this are still there: do not change the file, but read what it says as before'

for (const folder of folders) {
  for (const file of filesIn(folder)) {
    t.test(`${folder}/${file} is understood by today's lookout and sidecar`, async (t) => {
      const { path, question, understood, answer, read } = recorded(folder, file)
      const kind = path.replace('/v1/', '')
      t.strictSame(readQuestion(kind, question), understood, kept)
      const today = await ask(kind as Saying, async () => answer)
      t.match(today.read, read, kept)
    })
  }
}

const newest =
  folders
    .filter((folder) => folder !== 'future')
    .sort()
    .at(-1) ?? ''

for (const [name, conversation] of Object.entries(conversations)) {
  t.test(`what is said today is on record: ${name}`, async (t) => {
    const { path, question, answer } = await talk(conversation)
    const said = (part: string) =>
      `${part} differs from exchanges/${newest}/${name}.json: keep that file, for the versions that say so, and add what is said now with: node test/lookout/wire/conversations.ts ${newest}-NEXT`
    t.ok(filesIn(newest).includes(`${name}.json`), said('a new exchange'))
    const before = recorded(newest, `${name}.json`)
    t.equal(path, before.path, said('the path'))
    t.strictSame(question, before.question, said('the question'))
    t.strictSame(answer, before.answer, said('the answer'))
  })
}

t.test('no version is without an exchange of each kind', async (t) => {
  for (const folder of folders) {
    const paths = new Set(filesIn(folder).map((file) => recorded(folder, file).path))
    t.strictSame(
      [...paths].sort(),
      ['describe', 'event', 'look', 'pod', 'search'].map((one) => `/v1/${one}`),
    )
  }
})
