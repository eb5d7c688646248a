import { Controller, Get, Injectable, type OnModuleInit, Res } from '@nestjs/common';
import { LiveStats } from '#feed';
import { Database, partOfMuster, Public, query, Replica, type ReplicaLag } from '#platform';
import { Intake } from '#reports';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const METRICS = partOfMuster('metrics');

/** What the process tells Prometheus: requests, the queue's depth and age, the live feed. */
@Injectable()
export class Metrics implements OnModuleInit {
  readonly registry = new Registry();
  private readonly requests = new Histogram({
    name: 'muster_http_request_seconds',
    help: 'Time to answer a request, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [this.registry],
  });

  constructor(
    private readonly database: Database,
    private readonly live: LiveStats,
    private readonly intake: Intake,
    private readonly replica: Replica,
  ) {}

  onModuleInit(): void {
    collectDefaultMetrics({ register: this.registry });
    this.gaugeQueue();
    if (this.replica.isGiven) this.gaugeReplica();
    const { live, intake } = this;
    this.gauge('muster_door_reports', 'Reports that wait here to be stored.', () => intake.load().waiting);
    this.gauge(
      'muster_door_oldest_seconds',
      'Age of the oldest report that waits here to be stored.',
      () => intake.load().oldestSeconds,
    );
    new Gauge({
      name: 'muster_door_refused_total',
      help: 'Reports refused for now, by what was too full: the door, or the queue of reports to be settled.',
      labelNames: ['by'],
      registers: [this.registry],
      collect() {
        for (const [by, count] of Object.entries(intake.refused)) this.set({ by }, count);
      },
    });
    this.gauge('muster_live_sockets', 'Sockets that are connected to the live feed.', () => live.sockets);
    this.gauge('muster_live_follows', 'Operations followed, once for each socket.', () => live.follows);
    this.gauge('muster_live_behind_total', 'Times that a client was told that it is too slow.', () => live.behind);
    this.gauge(
      'muster_live_followers_behind',
      'Followers that had not been told all there was, at the latest look.',
      () => live.followersBehind,
    );
    this.gauge(
      'muster_live_follower_lag_seconds',
      'How long the follower that is furthest behind has missed something.',
      () => live.followerLagSeconds(),
    );
    this.gauge('muster_feed_lag_seconds', 'Age of the oldest event not yet told to its followers here.', () =>
      live.lagSeconds(),
    );
  }

  /** Measures each request of a server. */
  watch(server: FastifyInstance): void {
    server.addHook('onResponse', (request, reply, done) => {
      const labels = { method: request.method, route: request.routeOptions.url ?? 'unknown', status: reply.statusCode };
      this.requests.observe(labels, reply.elapsedTime / 1000);
      done();
    });
  }

  private gauge(name: string, help: string, value: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(value());
      },
    });
  }

  private gaugeReplica(): void {
    const { replica, registry } = this;
    new Gauge({
      name: 'muster_replica_readings_total',
      help: 'Readings that the replica answered, and those that the primary did as it was behind or away.',
      labelNames: ['replica'],
      registers: [registry],
      collect() {
        const { replica: answered, behind, away } = replica.readings;
        for (const [state, count] of Object.entries({ answered, behind, away })) this.set({ replica: state }, count);
      },
    });
    const lag = (name: string, help: string, value: (lag: ReplicaLag) => number): void => {
      new Gauge({
        name,
        help,
        registers: [registry],
        async collect() {
          this.reset();
          const found = await replica.lag();
          if (found) this.set(value(found));
        },
      });
    };
    lag('muster_replica_lag_bytes', 'Log of the primary that the replica has not replayed.', ({ bytes }) => bytes);
    lag(
      'muster_replica_lag_seconds',
      'Age of what the replica replayed last, while it is behind.',
      (found) => found.seconds,
    );
  }

  private gaugeQueue(): void {
    const { database, registry } = this;
    new Gauge({
      name: 'muster_queue_reports',
      help: 'Reports owed, by state.',
      labelNames: ['state'],
      registers: [registry],
      async collect() {
        this.reset();
        const rows = await owed(database);
        if (!rows) return;
        this.set({ state: 'waiting' }, rows.waiting);
        this.set({ state: 'failed' }, rows.failed);
      },
    });
    new Gauge({
      name: 'muster_queue_oldest_seconds',
      help: 'Age of the oldest report that waits for its settlement.',
      registers: [registry],
      async collect() {
        this.reset();
        const rows = await owed(database);
        if (rows) this.set(rows.age);
      },
    });
  }
}

interface Owed {
  readonly waiting: number;
  readonly failed: number;
  /** Seconds. */
  readonly age: number;
}

/** What is owed now; undefined while the database is away, when the other metrics must still be told. */
async function owed(database: Database): Promise<Owed | undefined> {
  const rows = await database.read(METRICS, (tx) => query<Owed>(tx, `SELECT * FROM owed_work()`)).catch(() => []);
  return rows[0];
}

@Controller()
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get('metrics')
  @Public()
  async tell(@Res() reply: FastifyReply): Promise<void> {
    await reply.type(this.metrics.registry.contentType).send(await this.metrics.registry.metrics());
  }
}
