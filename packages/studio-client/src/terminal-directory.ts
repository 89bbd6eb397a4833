/**
 * Where the built terminal lies, as a `file:` URL: the gateway's option `terminalDirectory` takes it as it is.
 *
 * @example
 * provider.createService({ ...runtime, gateway: { tokenFile, terminalDirectory: terminalDirectory() } })
 */
export function terminalDirectory(): string {
  // Sources and builds are one level below the package, so one path serves both.
  const here = import.meta.url
  return new URL('../dist/terminal/', here).href
}
