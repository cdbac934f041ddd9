/** A target group's ARN, with what its name tells of where it is. */
export interface TargetGroupArn {
  readonly arn: string
  readonly region: string
  readonly account: string
}

/** An IAM role's ARN, with the account that it belongs to. */
export interface RoleArn {
  readonly arn: string
  readonly account: string
}

/** How a target group's ARN looks, for a person. */
export const targetGroupArnShape = 'arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID'
/** How a role's ARN looks, for a person. */
export const roleArnShape = 'arn:aws:iam::ACCOUNT:role/NAME'

/** Reads a target group's ARN, of any partition; undefined for anything else. */
export function readTargetGroupArn(text: string): TargetGroupArn | undefined {
  const match =
    /^arn:aws[a-z-]*:elasticloadbalancing:([a-z0-9-]+):(\d{12}):targetgroup\/[A-Za-z0-9-]+\/[0-9a-z]+$/.exec(
      text,
    )
  const [arn, region, account] = match ?? []
  return arn && region && account ? { arn, region, account } : undefined
}

/** Reads an IAM role's ARN, of any partition; undefined for anything else. */
export function readRoleArn(text: string): RoleArn | undefined {
  const [arn, account] = /^arn:aws[a-z-]*:iam::(\d{12}):role\/[\w+=,.@/-]+$/.exec(text) ?? []
  return arn && account ? { arn, account } : undefined
}
