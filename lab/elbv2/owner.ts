import type { Caller } from '../sts/signature.ts'
import { invalidArn } from './error.ts'

/** Whether an ARN is of the caller's account, in the Region that was asked. */
export function isOwn(arn: string, { identity, region }: Caller): boolean {
  const [, , , itsRegion, itsAccount] = arn.split(':')
  return itsRegion === region && itsAccount === identity.account
}

/**
 * Refuses the ARN of another account's or another Region's group. AWS says that it is not valid, rather
 * than denied or not found: spinnaker/spinnaker#5574, aws/aws-cli#3673, hashicorp/terraform#21752.
 */
export function ownArn(arn: string, caller: Caller): string {
  if (!isOwn(arn, caller)) throw invalidArn(arn)
  return arn
}
