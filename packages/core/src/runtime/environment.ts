/** What the caller's environment says about `name`; the only door to it outside of programs. */
export function environmentOf(name: string): string | undefined {
  return process.env[name]
}

/** Names of the variables that the caller's environment has. */
export function environmentNames(): readonly string[] {
  return Object.keys(process.env)
}
