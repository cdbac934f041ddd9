import { expiredToken } from '../sts/signature.ts'
import { AwsError } from './error.ts'
import type { ContentFault, ErrorFault, Fault } from './faults.ts'
import { healthXml } from './health-xml.ts'
import type { Xml } from './xml.ts'

/** What an error has to name: who is refused what. */
export interface Refused {
  service: string
  action: string
  /** The ARN of the caller, when a signature has proved one. */
  caller: string | undefined
}

/** The error that a fault answers with, or undefined when it is of another sort. */
export function faultError({ kind }: Fault, refused: Refused): AwsError | undefined {
  return errors.get(kind)?.(refused)
}

/** A result as a fault falsifies it, or as it is when the fault is of another sort. */
export function faultyResult({ kind }: Fault, result: Xml): Xml {
  return results.get(kind)?.(result) ?? result
}

/** The answer to a call that finds the token bucket empty. */
export const throttled = () => new AwsError('Throttling', 'Rate exceeded')

const errors = new Map<string, (refused: Refused) => AwsError>(
  Object.entries({
    throttle: throttled,
    'internal-failure': () => new AwsError('InternalFailure', 'An internal error occurred', 500),
    'health-unavailable': () =>
      new AwsError('HealthUnavailable', 'The health of the targets could not be retrieved', 500),
    denied: (refused) => new AwsError('AccessDenied', deniedMessage(refused), 403),
    expired: expiredToken,
  } satisfies { [kind in ErrorFault]: (refused: Refused) => AwsError }),
)

// AWS's own sentence, which names the caller and the action: IAM User Guide, "Troubleshoot access
// denied error messages".
function deniedMessage({ service, action, caller }: Refused): string {
  const what = `${service}:${action}`
  if (caller === undefined) return `Not authorized to perform ${what}`
  const why = `because no identity-based policy allows the ${what} action`
  return `User: ${caller} is not authorized to perform: ${what} ${why}`
}

const results = new Map<string, (result: Xml) => Xml>(
  Object.entries({
    'empty-list': (result) => withLists(result, () => []),
    'missing-list': (result) => withLists(result, () => undefined),
    'other-pod': () => ({ TargetHealthDescriptions: [otherPod(7)] }),
    huge: (result) => withLists(result, (list) => [...otherPods(), ...list]),
  } satisfies { [kind in ContentFault]: (result: Xml) => Xml }),
)

function withLists(result: Xml, change: (list: Xml[]) => Xml): Xml {
  if (typeof result !== 'object' || Array.isArray(result)) return result
  const changed = Object.entries(result).map(([name, value]): [string, Xml] => [
    name,
    Array.isArray(value) ? change(value) : value,
  ])
  return Object.fromEntries(changed)
}

// Some 163 bytes each: together a little more than 10 MB.
const otherPods = () => Array.from({ length: 64_000 }, (_, serial) => otherPod(serial))

const otherPod = (serial: number): Xml =>
  healthXml({
    id: `10.250.${Math.floor(serial / 250)}.${1 + (serial % 250)}`,
    port: 8080,
    healthCheckPort: '8080',
    state: 'healthy',
  })
