/** Training of conviction models: labels, candidate signals, fits, validation, export. Not needed by a running advisor. */
export * from './model/training/index.js'
