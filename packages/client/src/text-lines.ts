/**
 * Lines of a body of UTF-8 text as they come, without their ends (`\n`, `\r\n`, `\r`). What follows
 * the last end is a line too, unless it is empty.
 */
export async function* textLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  for await (const lines of lineGroups(body)) yield* lines
}

/** The same, with the lines that came together in one array. */
export async function* lineGroups(body: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true })
    // A `\r` at the very end may be the first half of `\r\n`: it waits for what follows.
    const complete = rest.endsWith('\r') ? rest.length - 1 : rest.length
    const lines = rest.slice(0, complete).split(/\r\n|\n|\r/)
    rest = lines.pop() + rest.slice(complete)
    if (lines.length > 0) yield lines
  }
  rest += decoder.decode()
  if (rest !== '') yield [rest.endsWith('\r') ? rest.slice(0, -1) : rest]
}
