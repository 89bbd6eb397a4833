export { type CommandEffect, effectOf } from './command-effect.js'
export {
  type ActOptions,
  connectStudio,
  type Studio,
  type StudioOptions,
  type StudioTopics,
} from './connect-studio.js'
export type { Desk, StudioStatus } from './studio-link.js'
export { terminalDirectory } from './terminal-directory.js'
export { type FoldableFrame, type FoldResult, type StudioChange, type StudioView, ViewFold } from './view-fold.js'
