import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml'

/**
 * The table of the chart's values, from the comments of its values.yaml: a row for each value that has
 * a comment, and for each without one in a map that has none. Throws where neither has one.
 */
export async function valuesTable(): Promise<string> {
  const text = await readFile(join(import.meta.dirname, '../chart/values.yaml'), 'utf8')
  const { contents } = parseDocument(text)
  if (!isMap(contents)) throw new Error('values.yaml is not a map')
  return ['| value | default | meaning |', '|---|---|---|', ...rows(contents, '')].join('\n')
}

function rows(map: YAMLMap, prefix: string): string[] {
  return map.items.flatMap((pair) => {
    const name = `${prefix}${pair.key}`
    const comment = commentOf(map, pair)
    if (isMap(pair.value) && pair.value.items.some(hasComment)) return rows(pair.value, `${name}.`)
    if (isMap(pair.value) && !comment) return rows(pair.value, `${name}.`)
    if (!comment) throw new Error(`values.yaml says nothing of ${name}`)
    return [`| \`${name}\` | ${shown(pair)} | ${comment} |`]
  })
}

const hasComment = ({ key, value }: Pair) =>
  (isScalar(key) && !!key.commentBefore) || (isMap(value) && !!value.commentBefore)

function commentOf(map: YAMLMap, { key }: Pair): string {
  // The comment before a map's first key is the map's own, to the parser.
  const first = map.items[0]?.key === key ? map.commentBefore : undefined
  const before = (isScalar(key) ? key.commentBefore : undefined) ?? first ?? ''
  return before
    .split('\n')
    .map((line) => line.trim())
    .join(' ')
    .trim()
    .replaceAll('|', '\\|')
}

function shown({ value }: Pair): string {
  if (isMap(value) && value.items.length > 0) return 'see values.yaml'
  const plain = JSON.stringify(isScalar(value) ? value.value : value)
  return `\`${plain}\``
}
