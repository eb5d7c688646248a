import { setTimeout as pause } from 'node:timers/promises';

import { Dice } from '../../../apps/console/demo/dice.js';
import type { House } from './house.js';
import { noSmallDisk } from './postgres.js';

interface Fault {
  readonly name: string;
  readonly happen: (dice: Dice) => Promise<void>;
}

/** The shortest and longest rest between two faults of one kind, in milliseconds: what died needs some seconds to be back. */
const REST: Readonly<Record<'deaths' | 'lines', readonly [least: number, most: number]>> = {
  deaths: [300, 3_500],
  lines: [400, 3_000],
};

/** How long something stays dead, slow or full, in milliseconds. */
const SPELL = [50, 1_500] as const;

/**
 * Lets things go wrong in the order and at the rests that the seed says: deaths of processes one after the other, and beside them
 * bad lines. Each fault comes as often as any other: they are dealt like cards, all of them before one comes again. What a fault meets
 * at its instant is chance, so a seed makes a failure likely to come again, and not sure.
 */
export class Chaos {
  /** What has happened, and how often. */
  readonly happened = new Map<string, number>();
  /** What is happening, for whoever waits in vain. */
  readonly underWay = new Set<string>();
  private isOver = false;
  private readonly deaths: readonly Fault[];
  private readonly lines: readonly Fault[];

  constructor(
    house: House,
    private readonly seed: string,
  ) {
    this.deaths = deathsIn(house);
    this.lines = badLinesIn(house);
  }

  /** How many kinds of faults there are here. */
  get kinds(): number {
    return this.deaths.length + this.lines.length;
  }

  /** Ends when the time is over and each fault has been; by then, all is up and sound again. */
  async rage(seconds: number): Promise<void> {
    const end = Date.now() + seconds * 1_000;
    await Promise.all([this.deal('deaths', this.deaths, end), this.deal('lines', this.lines, end)]);
  }

  /** Lets nothing more happen. */
  stop(): void {
    this.isOver = true;
  }

  private async deal(name: keyof typeof REST, faults: readonly Fault[], end: number): Promise<void> {
    const dice = new Dice(`${this.seed}/${name}`);
    do {
      for (const fault of dice.shuffled(faults)) {
        await pause(dice.whole(...REST[name]));
        if (this.isOver) return;
        this.underWay.add(fault.name);
        await fault.happen(dice);
        this.underWay.delete(fault.name);
        this.happened.set(fault.name, (this.happened.get(fault.name) ?? 0) + 1);
        if (Date.now() > end && faults.every((each) => this.happened.has(each.name))) return;
      }
    } while (Date.now() < end);
  }
}

const spell = (dice: Dice): Promise<void> => pause(dice.whole(...SPELL));

function deathsIn(house: House): Fault[] {
  return [
    ...house.posts.map((post) => ({
      name: `kill -9 of ${post.name}`,
      happen: async (dice: Dice) => {
        await post.kill();
        await spell(dice);
        post.begin();
      },
    })),
    {
      name: 'kill -9 of all apis and workers',
      happen: async (dice) => {
        await Promise.all(house.posts.map((post) => post.kill()));
        await spell(dice);
        for (const post of house.posts) post.begin();
      },
    },
    {
      name: 'kill -9 of PostgreSQL',
      happen: async (dice) => {
        await house.postgres.kill();
        await spell(dice);
        await house.postgres.up();
      },
    },
    {
      name: 'kill -9 of a session of PostgreSQL',
      happen: async () => {
        await house.postgres.killSession();
        await house.postgres.up();
      },
    },
    ...(noSmallDisk === undefined ? fullDisksOf(house) : []),
    ...(house.redis ? deathsOfRedis(house) : []),
  ];
}

function fullDisksOf({ postgres }: House): Fault[] {
  const full = async (dice: Dice, meanwhile: () => Promise<void>): Promise<void> => {
    const empty = await postgres.fillDisk();
    try {
      // It may end of that, and then answers nothing.
      await meanwhile().catch(() => undefined);
      await spell(dice);
    } finally {
      await empty();
    }
    await postgres.up();
  };
  return [
    { name: 'a full disk', happen: (dice) => full(dice, () => pause(dice.whole(500, 2_000))) },
    { name: 'a full disk that ends PostgreSQL', happen: (dice) => full(dice, () => postgres.useUpLog()) },
  ];
}

function deathsOfRedis(house: House): Fault[] {
  return [
    {
      name: 'kill -9 of Redis',
      happen: async (dice) => {
        await house.redis?.kill('SIGKILL');
        await spell(dice);
        await house.redis?.restart();
      },
    },
    { name: 'Redis emptied', happen: async () => void (await house.askRedis((redis) => redis.flushall())) },
    { name: 'Redis started again without its data', happen: () => house.loseRedis() },
  ];
}

function badLinesIn(house: House): Fault[] {
  return [house.doors, house.inner].flatMap((lines, index) => {
    const where = index === 0 ? 'to the doors' : 'inside';
    return [
      { name: `cut ${where}`, happen: async (dice: Dice) => Promise.resolve(dice.pick(lines).cut()) },
      {
        name: `all cut ${where}`,
        happen: async () => Promise.resolve(lines.forEach((line) => line.cut())),
      },
      {
        name: `slow ${where}`,
        happen: (dice: Dice) => dice.pick(lines).slow(dice.whole(0, 80), dice.whole(0, 80), dice.whole(...SPELL)),
      },
      {
        name: `answers lost ${where}`,
        happen: (dice: Dice) => dice.pick(lines).lose('answers', dice.whole(...SPELL)),
      },
      {
        name: `requests lost ${where}`,
        happen: (dice: Dice) => dice.pick(lines).lose('requests', dice.whole(...SPELL)),
      },
    ];
  });
}
