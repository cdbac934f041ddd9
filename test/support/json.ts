import fc from 'fast-check'

/** As it is when it has gone over the network. */
export function fromAfar(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

/** Any JSON at all; and this value with any of its parts, however deep, left out or put in the place of another. */
export function hostile(value: unknown): fc.Arbitrary<unknown> {
  const places = placesIn(fromAfar(value))
  const spoilt = fc
    .array(fc.tuple(fc.constantFrom(...places), fc.option(anything)), {
      minLength: 1,
      maxLength: 3,
    })
    .map((changes) =>
      changes.reduce((whole, [path, part]) => spoil(whole, path, part), fromAfar(value)),
    )
  return fc.oneof({ weight: 1, arbitrary: anything }, { weight: 4, arbitrary: spoilt })
}

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  // As JSON may have it, and nobody can make a text of.
  fc.constant({ toString: 1, valueOf: 1 }),
  fc.constantFrom(-1, 0, 1e300, '', 'seen', [], {}),
)

type Path = readonly string[]

function placesIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([name, part]) => placesIn(part, [...path, name]))]
}

function spoil(whole: unknown, [name, ...rest]: Path, part: unknown): unknown {
  if (name === undefined) return part
  if (typeof whole !== 'object' || whole === null) return whole
  const copy = Array.isArray(whole) ? [...whole] : { ...whole }
  return Object.assign(copy, { [name]: spoil(Reflect.get(whole, name), rest, part) })
}
