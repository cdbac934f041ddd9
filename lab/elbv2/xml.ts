import type { AwsError } from './error.ts'

/** A value in AWS's Query protocol: an array is a list of `member`s, undefined is left out. */
export type Xml = string | number | undefined | Xml[] | { [name: string]: Xml }

/** A whole answer of an action. */
export function answerXml(
  action: string,
  namespace: string,
  result: Xml,
  requestId: string,
): string {
  const inside = `<${action}Result>${render(result)}</${action}Result>`
  const metadata = render({ ResponseMetadata: { RequestId: requestId } })
  return `<${action}Response xmlns="${namespace}">${inside}${metadata}</${action}Response>`
}

/** A whole answer that refuses. */
export function errorXml(error: AwsError, namespace: string, requestId: string): string {
  const Type = error.status < 500 ? 'Sender' : 'Receiver'
  const described = { Type, Code: error.code, Message: error.message }
  const inside = render({ Error: described, RequestId: requestId })
  return `<ErrorResponse xmlns="${namespace}">${inside}</ErrorResponse>`
}

function render(value: Xml): string {
  if (value === undefined) return ''
  if (typeof value !== 'object') return escaped(String(value))
  const named = Array.isArray(value)
    ? value.map((member): [string, Xml] => ['member', member])
    : Object.entries(value).filter(([, inside]) => inside !== undefined)
  return named.map(([name, inside]) => `<${name}>${render(inside)}</${name}>`).join('')
}

const escaped = (text: string) =>
  text.replace(/[<>&"']/g, (character) => `&#${character.codePointAt(0)};`)
