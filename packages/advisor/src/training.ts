/** Training and judging of conviction models and of their calibration. Not needed by a running advisor. */
export { calibrationErrorFloor } from './calibration/calibration-error-floor.js'
export { type CalibrationState, initialCalibration } from './calibration/calibration-state.js'
export { calibratorOf } from './calibration/calibrator.js'
export { learn } from './calibration/learn.js'
export { areaUnderCurve, brierScore, calibrationError, logLoss, pointLogLoss } from './calibration/metrics.js'
export * from './model/training/index.js'
export { type Regime, regimes } from './regime/regime.js'
