#!/usr/bin/env node
import { runDaemon } from '@barfinex/core/daemon'
import { daemonPlan } from './daemon-plan.js'

process.exit(await runDaemon(daemonPlan, process.argv.slice(2)))
