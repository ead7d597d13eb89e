/** Time in which a fault lasts: what is awaited is that nothing happens meanwhile. */
export function lasting(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
