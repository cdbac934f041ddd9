import type { ObjectMeta } from './objects.ts'
import { badRequest } from './status.ts'

type Labels = Readonly<Record<string, string>>

/**
 * Reads a `labelSelector`: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, with commas
 * between. Throws 400 for any other.
 */
export function labelSelector(text: string): (labels: Labels) => boolean {
  // A comma in brackets is between values.
  const parts = text.split(/,(?![^(]*\))/).filter((part) => part.trim() !== '')
  const tests = parts.map(requirement)
  return (labels) => tests.every((test) => test(labels))
}

/** Reads a `fieldSelector` of `metadata.name` and `metadata.namespace`. Throws 400 for any other. */
export function fieldSelector(text: string): (meta: ObjectMeta) => boolean {
  const tests = text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [, field, sign, value] = /^metadata\.(name|namespace)(!?)==?(.*)$/.exec(part) ?? []
      if (field === undefined) throw badRequest(`field label not supported: ${part}`)
      return (meta: ObjectMeta) => (meta[field as 'name' | 'namespace'] === value) === (sign === '')
    })
  return (meta) => tests.every((test) => test(meta))
}

/** Whether a Service's selector picks these labels; an empty one picks none. */
export function serviceSelects(selector: Labels | undefined, labels: Labels = {}): boolean {
  const wanted = Object.entries(selector ?? {})
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value)
}

const key = '[A-Za-z0-9][A-Za-z0-9./_-]*'
const equality = new RegExp(`^(${key})\\s*(!?)==?\\s*([A-Za-z0-9._-]*)$`)
const membership = new RegExp(`^(${key})\\s+(in|notin)\\s+\\(([^()]*)\\)$`)
const existence = new RegExp(`^(!?)\\s*(${key})$`)

function requirement(part: string): (labels: Labels) => boolean {
  const text = part.trim()
  const [, equal, not, value] = equality.exec(text) ?? []
  if (equal !== undefined) return (labels) => (labels[equal] === value) === (not === '')
  const [, member, how, values = ''] = membership.exec(text) ?? []
  if (member !== undefined) {
    const wanted = values.split(',').map((one) => one.trim())
    return (labels) => wanted.includes(labels[member] ?? '\n') === (how === 'in')
  }
  const [, absent, there] = existence.exec(text) ?? []
  if (there !== undefined) return (labels) => there in labels === (absent === '')
  throw badRequest(`unable to parse requirement: found '${text}'`)
}
