export * from './feed-api.module.js';
export * from './feed-reader.js';
export * from './feed.module.js';
export * from './feed.service.js';
export { LiveStats } from './live/live-stats.js';
