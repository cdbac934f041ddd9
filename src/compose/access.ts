import type { Access, Role } from '../aws/access.ts'
import type { Settings } from '../settings/settings.ts'

/** The role in the settings for the account of a group; else the one that its binding names. */
export function accessOf(
  settings: Settings,
  roleOfBinding: (group: string) => Role | undefined,
): Access {
  const { ASSUME_ROLE_EXTERNAL_ID: externalId, AWS_REGION: stsRegion } = settings
  return {
    roleOf(group) {
      const account = group.split(':')[4]
      const role = settings.ASSUME_ROLE_ARN.find((one) => one.account === account)
      const own = role && { arn: role.arn, ...(externalId === undefined ? {} : { externalId }) }
      return own ?? roleOfBinding(group)
    },
    ...(stsRegion === undefined ? {} : { stsRegion }),
  }
}
