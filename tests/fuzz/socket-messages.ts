import type { Dice } from './dice.js';
import type { Known, ValueMaker } from './values.js';

/** What a client emits: an event with its arguments. */
export interface SocketMessage {
  readonly event: string;
  readonly args: readonly unknown[];
  readonly wantsAnswer: boolean;
}

const EVENTS = [
  'follow',
  'follow',
  'follow',
  'follow',
  'unfollow',
  'unfollow',
  'event',
  'live',
  'message',
  '',
  '__proto__',
  'x'.repeat(500),
];

/** A message of the live feed: right, or wrong in some place. */
export function socketMessage(dice: Dice, values: ValueMaker, known: Known): SocketMessage {
  const follow = (): unknown => ({
    operationId: dice.chance(0.8) ? dice.pick(dice.chance(0.8) ? known.operations : known.ids) : values.hostile(),
    ...(dice.chance(0.4) ? { after: dice.chance(0.6) ? dice.pick(known.cursors) : values.hostile() } : {}),
    ...(dice.chance(0.3) ? { fromNow: dice.chance(0.7) ? dice.chance(0.5) : values.hostile() } : {}),
  });
  const argument = (): unknown =>
    dice.chance(0.6)
      ? follow()
      : dice.pick<() => unknown>([() => values.hostile(), () => dice.bytes(100), () => [follow()], () => undefined])();
  return {
    event: dice.pick(EVENTS),
    args: dice.chance(0.8) ? [argument()] : dice.several(0, 4, argument),
    wantsAnswer: dice.chance(0.7),
  };
}

/** Texts that are packets of the socket's own protocol in nothing, or nearly. */
export const PACKETS: readonly string[] = [
  ...[
    '',
    '2',
    '3',
    '9',
    '2/live,["follow"',
    '2/live,{"a":1}',
    '2/live,[]',
    '2/live,[1,2]',
    '2/live,["follow",{}]',
    '0/admin,{}',
  ],
  ...[
    '0/live,"x"',
    '1/live,',
    '3/live,0[]',
    '3/live,99999999[{}]',
    '4/live,{"message":"x"}',
    '51-/live,["follow",{"_placeholder":true,"num":9}]',
  ],
  ...[
    '59999-["a"]',
    '2/live,["follow",{"operationId":"x"}]'.repeat(3),
    '2[["disconnect"]]',
    '2/live,["disconnect"]',
    '2/live,["connect_error",{}]',
  ],
];
