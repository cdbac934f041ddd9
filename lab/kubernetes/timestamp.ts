/** A time of day as the API writes it (metav1.Time): to the second, cut down. */
export function timestampOf(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, 19)}Z`
}
