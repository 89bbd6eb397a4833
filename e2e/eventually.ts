const lookEveryMs = 25

/**
 * Resolves when something out there (another process, a socket) has become true; fails after `withinMs` with what is known by then.
 * What `isTrue` throws ends the waiting.
 */
export async function eventually(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  withinMs = 20_000,
  known: () => string = () => '',
): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await isTrue())) {
    if (performance.now() > deadline)
      throw new Error(`Within ${withinMs} ms it did not come true that ${what}.\n${known()}`)
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
  }
}
