/** What the caller's environment says about `name`; the only door to it outside of programs. */
export function environmentOf(name: string): string | undefined {
  return process.env[name]
}
