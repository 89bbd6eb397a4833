import { exitCodes, type Output } from './output.js'

/** The first interrupt asks for a drain, the second leaves at once. Returns how to stop listening. */
export function onInterrupt(stopping: AbortController, output: Output): () => void {
  const handle = () => {
    if (stopping.signal.aborted) {
      // Whoever reads the last line of a machine's output finds one in any case.
      if (output.json) output.result({ error: { code: 'interrupted', message: 'Left before it was drained.' } }, '')
      process.exit(exitCodes.interrupted)
    }
    output.note('Draining. Once more to leave at once.')
    stopping.abort()
  }
  process.on('SIGINT', handle)
  process.on('SIGTERM', handle)
  return () => {
    process.off('SIGINT', handle)
    process.off('SIGTERM', handle)
  }
}
