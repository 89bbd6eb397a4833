import type { DaemonPlan } from '@barfinex/core/daemon'
import { studioOptions } from './serve/studio-options.js'
import { createService, type StudioOptions } from './serve/studio-service.js'

/** Studio as a daemon: the terminal in a process of its own, in front of Provider's gateway. */
export const daemonPlan: DaemonPlan = {
  service: 'studio',
  help: "serves the web terminal and hands its questions on to Provider's gateway",
  options: studioOptions,
  approvals: 'none',
  isPerAccount: false,
  create: (runtime, given) => createService({ ...(given as Omit<StudioOptions, 'bus'>), ...runtime }),
}
