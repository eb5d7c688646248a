import { Module } from '@nestjs/common';
import { AuditModule } from '#audit';
import { IdentityModule } from '#identity';

import { FeedResolver } from './feed.resolver.js';
import { CatchUp } from './live/catch-up.js';
import { Channels } from './live/channels.js';
import { FollowersResolver } from './live/followers.resolver.js';
import { Followers } from './live/followers.service.js';
import { Heartbeat } from './live/heartbeat.js';
import { Links } from './live/links.js';
import { LiveFeed } from './live/live-feed.service.js';
import { LiveGateway } from './live/live.gateway.js';
import { LiveStats } from './live/live-stats.js';
import { Notifications } from './live/notifications.js';
import { Viewers } from './live/viewers.js';

/** Serves the feed: by pages over GraphQL, and live over socket.io. */
@Module({
  imports: [AuditModule, IdentityModule],
  providers: [
    FeedResolver,
    LiveGateway,
    LiveFeed,
    Channels,
    CatchUp,
    Links,
    Viewers,
    Notifications,
    LiveStats,
    Heartbeat,
    Followers,
    FollowersResolver,
  ],
  exports: [LiveStats],
})
export class FeedApiModule {}
