/** Says the same thing once: whoever is wrong is wrong again and again. */
export function onceEach(say: (said: string) => void): (said: string) => void {
  const before = new Set<string>()
  return (said) => {
    if (before.has(said)) return
    if (before.size >= 100) before.clear()
    before.add(said)
    say(said)
  }
}
