/** A role to assume. */
export interface Role {
  readonly arn: string
  readonly externalId?: string
}

/** With whose eyes the groups are looked at. */
export interface Access {
  /** The role to look at a group with; without one, the pod's own credentials. */
  readonly roleOf: (group: string) => Role | undefined
  /** Where STS is asked; without it, in the group's Region. */
  readonly stsRegion?: string
}
