// Read by Nodes that are too old for the rest: it imports nothing, and uses nothing new.

const neededMajor = 24

/** What to say to a Node that cannot run Tidings; null: it can. `version` as `24.21.0`. */
export function nodeRefusal(version: string): string | null {
  if (Number(version.split('.')[0]) >= neededMajor) return null
  return `Tidings needs Node ${neededMajor} or newer, and this is Node ${version}. Install Node ${neededMajor} from https://nodejs.org/, then start Tidings with it.`
}
