/** The known name that a mistyped one most likely means; undefined: none is near enough to be worth a question. */
export function nearestName(given: string, known: Iterable<string>): string | undefined {
  const most = Math.max(1, Math.floor(given.length / 4))
  let nearest: string | undefined
  let least = most + 1
  for (const name of known) {
    const distance = distanceOf(given.toLowerCase(), name.toLowerCase())
    if (distance < least) {
      least = distance
      nearest = name
    }
  }
  return nearest
}

/** The known names, nearest first: those that share more words with what was given, then those with fewer other letters. */
export function nearestNames(given: string, known: Iterable<string>, count: number): readonly string[] {
  const words = new Set(wordsOf(given))
  return [...known]
    .map((name) => ({
      name,
      shared: wordsOf(name).filter((word) => words.has(word)).length,
      distance: distanceOf(given.toLowerCase(), name.toLowerCase()),
    }))
    .sort((a, b) => b.shared - a.shared || a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, count)
    .map(({ name }) => name)
}

function wordsOf(name: string): readonly string[] {
  return name.toLowerCase().match(/[a-z]{3,}/g) ?? []
}

/** How many letters differ: left out, added, replaced, or two neighbours swapped (optimal string alignment). */
function distanceOf(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1]
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (isSame ? 0 : 1))
      const isSwapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      if (isSwapped && row > 1 && column > 1) cost = Math.min(cost, beforeLast[column - 2]! + 1)
      current.push(cost)
    }
    beforeLast = last
    last = current
  }
  return last[to.length]!
}
