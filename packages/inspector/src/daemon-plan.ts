import type { DaemonPlan } from '@barfinex/core/daemon'
import { carry } from './carry.js'
import { inspectorOptions } from './options.js'
import { describedPolicy } from './policies/described-policy.js'
import { createService, type InspectorOptions } from './service.js'

/** Inspector as a daemon: the one that approves for an account. */
export const daemonPlan: DaemonPlan = {
  service: 'inspector',
  help: 'sizes, judges and seals every order of one account, and keeps its positions protected',
  options: inspectorOptions,
  approvals: 'seals',
  isPerAccount: true,
  carry: carry(),
  read: ({ policies, ...given }) => ({
    ...given,
    policies: Array.isArray(policies) ? policies.map(describedPolicy) : policies,
  }),
  create(runtime, given, account) {
    const options = given as Omit<InspectorOptions, 'bus'>
    return createService({ ...options, ...(account === null ? {} : { account }), ...runtime })
  },
}
