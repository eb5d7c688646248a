import fc from 'fast-check';

import { Channel, type Round } from './channel.js';
import { Place, type Placed } from './place.js';

class TestFollower extends Place {
  isPresent = true;
  readonly got: number[] = [];
  private pastUpTo = 0;

  constructor(
    readonly start: number,
    readonly sees: (position: number) => boolean,
  ) {
    super(start, String(start));
  }

  /** The database reads a page of the past, as the log stands now. */
  readPast(head: number): void {
    this.pastUpTo = head;
  }

  /** The page arrives, some time later. */
  tellPast(): void {
    for (let position = this.position + 1; position <= this.pastUpTo; position++) {
      if (!this.sees(position)) continue;
      this.got.push(position);
      this.told(eventAt(position));
    }
    this.passed(this.pastUpTo);
  }
}

const eventAt = (position: number): Placed => ({ position, cursor: String(position) });
const even = (position: number): boolean => position % 2 === 0;
const all = (): boolean => true;

function finish(channel: Channel<TestFollower>, round: Round<TestFollower>): void {
  // What both groups see is one object for both, as where it is worded the same for them.
  const stretch = Array.from({ length: round.upTo - round.from }, (_, index) => eventAt(round.from + index + 1));
  const tellings = [even, all].map((sees) => ({
    followers: round.followers.filter((follower) => follower.sees === sees),
    events: stretch.filter(({ position }) => sees(position)),
  }));
  channel.tell(round, tellings, (due, { position }) => due.forEach((follower) => follower.got.push(position)));
}

function expected({ start, sees }: TestFollower, head: number): number[] {
  return Array.from({ length: head - start }, (_, index) => start + index + 1).filter(sees);
}

describe('Channel', () => {
  it('has nothing to tell when nobody is there, or everybody stands at the end', () => {
    const channel = new Channel<TestFollower>();
    expect(channel.next(5, 10)).toBeUndefined();
    channel.add(new TestFollower(5, all));
    expect(channel.next(5, 10)).toBeUndefined();
  });

  it('begins where the furthest back stands, and tells each only what comes after its own place', () => {
    const channel = new Channel<TestFollower>();
    const [near, far] = [new TestFollower(8, all), new TestFollower(3, all)];
    channel.add(near);
    channel.add(far);
    const first = channel.next(10, 4);
    expect(first).toMatchObject({ from: 3, upTo: 7, followers: [far] });
    if (first) finish(channel, first);
    const second = channel.next(10, 4);
    expect(second).toMatchObject({ from: 7, upTo: 10 });
    if (second) finish(channel, second);
    expect(near.got).toEqual([9, 10]);
    expect(far.got).toEqual([4, 5, 6, 7, 8, 9, 10]);
  });

  it('tells nothing to one who left while the round was read', () => {
    const channel = new Channel<TestFollower>();
    const follower = new TestFollower(0, all);
    channel.add(follower);
    const round = channel.next(3, 10);
    follower.isPresent = false;
    if (round) finish(channel, round);
    expect(follower.got).toEqual([]);
    expect(channel.isEmpty).toBe(true);
  });

  it('moves on those who see nothing of a round, and keeps the cursor of what they were told last', () => {
    const channel = new Channel<TestFollower>();
    const follower = new TestFollower(2, even);
    channel.add(follower);
    const round = channel.next(3, 10);
    if (round) finish(channel, round);
    expect(follower).toMatchObject({ position: 3, cursor: '2', got: [] });
  });

  it('gives each follower each event once and in order, however reads, rounds and joins fall together', () => {
    const steps = fc.array(
      fc.oneof(
        { weight: 4, arbitrary: fc.constant('append' as const) },
        fc.constant('begin round' as const),
        fc.constant('finish round' as const),
        fc.constant('follow all' as const),
        fc.constant('follow even' as const),
        fc.constant('read past' as const),
        fc.constant('tell past and join' as const),
      ),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 5 }), (plan, most) => {
        const channel = new Channel<TestFollower>();
        const followers: TestFollower[] = [];
        const catchingUp: TestFollower[] = [];
        let head = 0;
        let round: Round<TestFollower> | undefined;
        const follow = (sees: (position: number) => boolean): void => {
          const follower = new TestFollower(head, sees);
          followers.push(follower);
          catchingUp.push(follower);
          follower.readPast(head);
        };
        const endRound = (): void => {
          if (round) finish(channel, round);
          round = undefined;
        };
        const join = (): void => {
          const follower = catchingUp.shift();
          follower?.tellPast();
          if (follower) channel.add(follower);
        };
        for (const step of plan) {
          if (step === 'append') head++;
          else if (step === 'begin round') round ??= channel.next(head, most);
          else if (step === 'finish round') endRound();
          else if (step === 'follow all') follow(all);
          else if (step === 'follow even') follow(even);
          else if (step === 'read past') catchingUp[0]?.readPast(head);
          else join();
        }
        while (catchingUp.length > 0) join();
        endRound();
        while ((round = channel.next(head, most))) endRound();
        for (const follower of followers) expect(follower.got).toEqual(expected(follower, head));
      }),
    );
  });
});
