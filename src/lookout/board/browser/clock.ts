/** The browser's time: monotonic milliseconds. */
export const now = () => performance.now()

export function every(ms: number, act: () => void): void {
  setInterval(act, ms)
}

export function after(ms: number, act: () => void): void {
  setTimeout(act, ms)
}
