import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster, Redis } from 'ioredis';

import { isFree } from '../../../apps/launcher/ports.js';
import { redisProgram } from '../../setup/redis.js';
import { until } from '../../setup/until.js';

const LOOPBACK = '127.0.0.1';
const NODES = 3;
const SLOTS = 16_384;
/** The nodes of a cluster talk to each other on a port so much higher. */
const BUS = 10_000;

/** A Redis Cluster of three nodes, each with a third of the slots and nobody to take its place. */
export class RedisCluster {
  private readonly children: ChildProcess[] = [];

  private constructor(
    private readonly folders: readonly string[],
    private readonly ports: readonly number[],
  ) {}

  static async open(): Promise<RedisCluster> {
    const folders = await Promise.all(
      Array.from({ length: NODES }, () => mkdtemp(join(tmpdir(), 'muster-test-redis-node-'))),
    );
    const cluster = new RedisCluster(folders, await freePorts(NODES));
    for (let node = 0; node < NODES; node++) await cluster.start(node);
    for (let node = 0; node < NODES; node++) {
      const [from, to] = [node, node + 1].map((part) => Math.floor((part * SLOTS) / NODES));
      await cluster.ask(node, async (redis) => {
        await redis.call('CLUSTER', 'SET-CONFIG-EPOCH', String(node + 1));
        await redis.call('CLUSTER', 'ADDSLOTSRANGE', String(from), String((to ?? SLOTS) - 1));
        if (node > 0) await redis.call('CLUSTER', 'MEET', LOOPBACK, String(cluster.ports[0]));
      });
    }
    await cluster.isWhole();
    return cluster;
  }

  /** As REDIS_URL has it. */
  get url(): string {
    return this.ports.map((port) => `redis://${LOOPBACK}:${port}`).join(',');
  }

  /** The node that holds a key. */
  async nodeOf(key: string): Promise<number> {
    const slot = await this.ask(0, (redis) => redis.cluster('KEYSLOT', key));
    return Math.floor((slot * NODES) / SLOTS);
  }

  async kill(node: number): Promise<void> {
    await end(this.children[node], 'SIGKILL');
  }

  /** Starts a node again with what it had written to disk. */
  async restart(node: number): Promise<void> {
    await this.start(node);
    await this.isWhole();
  }

  /** Asks the cluster as a client of it. */
  async askAll<T>(question: (cluster: Cluster) => Promise<T>): Promise<T> {
    const cluster = new Cluster(this.url.split(','));
    cluster.on('error', () => undefined);
    try {
      return await question(cluster);
    } finally {
      cluster.disconnect();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.children.map((child) => end(child, 'SIGTERM')));
    await Promise.all(this.folders.map((folder) => rm(folder, { recursive: true, force: true })));
  }

  private async start(node: number): Promise<void> {
    const settings = {
      bind: LOOPBACK,
      port: this.ports[node],
      dir: this.folders[node],
      save: '',
      appendonly: 'yes',
      'maxmemory-policy': 'noeviction',
      'cluster-enabled': 'yes',
      'cluster-node-timeout': 1_000,
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    this.children[node] = spawn(redisProgram ?? '', args, { stdio: 'ignore' });
    await until(() => this.ask(node, (redis) => redis.ping()), { what: 'a node of Redis answers' });
  }

  private async isWhole(): Promise<void> {
    for (let node = 0; node < NODES; node++) {
      await until(
        () =>
          this.ask(node, async (redis) => {
            const info = await redis.cluster('INFO');
            return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${NODES}`);
          }),
        { limit: 30_000, what: 'the Redis Cluster is whole' },
      );
    }
  }

  private async ask<T>(node: number, question: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis({
      host: LOOPBACK,
      port: this.ports[node] ?? 0,
      lazyConnect: true,
      retryStrategy: () => null,
    });
    redis.on('error', () => undefined);
    await redis.connect();
    try {
      return await question(redis);
    } finally {
      redis.disconnect();
    }
  }
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await ended;
}

/** Ports below those that the system gives out by itself, so that nobody is given one of them, or the one for the bus, meanwhile. */
async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = 12_000 + Math.floor(Math.random() * 10_000);
    if (ports.includes(port)) continue;
    if ((await isFree(LOOPBACK, port)) && (await isFree(LOOPBACK, port + BUS))) ports.push(port);
  }
  return ports;
}
