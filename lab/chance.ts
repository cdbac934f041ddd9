/** Chance that can be told again: the same seed gives the same numbers, each from 0 to under 1. */
export function createChance(seed: number): () => number {
  // xorshift32 (Marsaglia 2003); a state of 0 would stay 0.
  let state = (seed | 0) ^ 0x9e3779b9 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** A number between two, all alike. */
export function between(chance: () => number, [low, high]: readonly [number, number]): number {
  return low + chance() * (high - low)
}
