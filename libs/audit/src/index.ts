export * from './audit.module.js';
export * from './audit.service.js';
export * from './audit-api.module.js';
export * from './audit-worker.module.js';
export * from './log/log-entrance.js';
export * from './readings/readings.service.js';
export * from './verification/verification.js';
