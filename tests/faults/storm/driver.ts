import { setTimeout as pause } from 'node:timers/promises';

import { Dice } from '../../../apps/console/demo/dice.js';
import type { Line } from './line.js';
import { newReport, newTwins, type Report, type Sender } from './reports.js';
import { Wire, type WireAnswer } from './wire.js';

/** The longest rest of a connection between two reports, in milliseconds. */
const LONGEST_REST = 150;

/** Before something unanswered is sent again, in milliseconds. */
const BEFORE_AGAIN = 100;

/** What a sender was told in the end. */
type Verdict = { readonly taken: Readonly<Record<string, unknown>> } | { readonly code: string };

/**
 * Sends reports over many connections as ports on bad lines do: hangs up after sending, sends one twice at once, and sends what has no
 * answer again, always with the same id, until there is one.
 */
export class Driver {
  /** Reports that were acknowledged, with their first receipt. */
  readonly acknowledged = new Map<
    string,
    { readonly report: Report; readonly receipt: Readonly<Record<string, unknown>> }
  >();
  /** Reports that were refused for good, as they had to be. */
  readonly refused: Report[] = [];
  /** Reports that were sent once, cut off, and never sent again: they may be stored or not. */
  readonly abandoned: Report[] = [];
  /** Answers that break what a sender may rely on. */
  readonly wrong: string[] = [];
  /** Answers by their code, `no answer` among them. */
  readonly answers = new Map<string, number>();
  repeats = 0;
  private isOver = false;
  private isHopeless = false;
  /** Apart from the others, as how often it is thrown depends on the answers. */
  private readonly doorDice: Dice;
  private readonly connections: Promise<void>[];

  /** @param senders one connection each; of two with units in a row, twins are sent as well */
  constructor(
    private readonly doors: readonly Line[],
    senders: readonly Sender[],
    private readonly twins: readonly [Sender, Sender],
    private readonly seed: string,
  ) {
    this.doorDice = new Dice(`${seed}/doors`);
    this.connections = senders.map((sender, number) => this.connection(sender, number));
  }

  /** Begins nothing new, and waits until all that was begun has its answer; what has none after so many milliseconds never gets one. */
  async finish(limit: number): Promise<void> {
    this.isOver = true;
    const givingUp = setTimeout(() => (this.isHopeless = true), limit);
    await Promise.all(this.connections);
    clearTimeout(givingUp);
  }

  private async connection(sender: Sender, number: number): Promise<void> {
    const dice = new Dice(`${this.seed}/connection ${number}`);
    const wires = new Map<Sender, Wire>();
    const wireOf = (who: Sender): Wire => {
      const wire = wires.get(who) ?? new Wire(who.person.token);
      wires.set(who, wire);
      return wire;
    };
    while (!this.isOver) {
      const isTwo = this.twins.includes(sender) && dice.chance(0.08);
      const reports = isTwo ? newTwins(dice, this.twins) : [newReport(dice, sender)];
      await Promise.all(reports.map((report) => this.deliver(dice, wireOf(report.sender), report)));
      await pause(dice.whole(0, LONGEST_REST));
    }
    for (const wire of wires.values()) wire.close();
  }

  private async deliver(dice: Dice, wire: Wire, report: Report): Promise<void> {
    const isTwin = report.twin !== undefined;
    // Drawn all at once: how long the answers take must not change what comes next.
    const [cut, twice, again, otherwise] = [0.2, 0.15, 0.15, 0.05].map((chance) => dice.chance(chance));
    const isAbandoned = !isTwin && dice.chance(0.04);
    const cutAfter = dice.weighted([
      [0, 1],
      [dice.whole(1, 40), 2],
    ]);
    if (cut || isAbandoned) await this.say(wire, report, report.input, cutAfter);
    if (isAbandoned) return void this.abandoned.push(report);
    const verdicts = await Promise.all(
      Array.from({ length: twice ? 2 : 1 }, () => this.untilAnswered(wire, report, report.input)),
    );
    for (const verdict of verdicts) this.judge(report, verdict);
    if (!this.acknowledged.has(report.id)) return;
    if (again) this.judge(report, await this.untilAnswered(wire, report, report.input));
    if (otherwise) this.judgeOther(report, await this.untilAnswered(wire, report, report.otherwise));
  }

  private judge(report: Report, verdict: Verdict): void {
    if ('code' in verdict) {
      if (report.fate === 'refused' && verdict.code === 'BAD_USER_INPUT') this.refused.push(report);
      else this.wrong.push(`${report.fate} ${report.id}: ${verdict.code}`);
      return;
    }
    const first = this.acknowledged.get(report.id);
    if (!first) this.acknowledged.set(report.id, { report, receipt: verdict.taken });
    else this.repeats++;
    const { id, receivedAt } = verdict.taken;
    if (report.fate === 'refused') this.wrong.push(`${report.id} was to be refused and was taken`);
    if (id !== report.id) this.wrong.push(`${report.id} got the receipt of ${String(id)}`);
    if (first && first.receipt['receivedAt'] !== receivedAt) {
      this.wrong.push(
        `${report.id} was received at ${String(first.receipt['receivedAt'])} and at ${String(receivedAt)}`,
      );
    }
  }

  private judgeOther({ id }: Report, verdict: Verdict): void {
    if (!('code' in verdict)) this.wrong.push(`${id} was taken with other content`);
    else if (verdict.code !== 'CONFLICT') this.wrong.push(`${id} with other content: ${verdict.code}`);
  }

  /** Sends until there is a receipt or an error that sending again can't mend. */
  private async untilAnswered(wire: Wire, report: Report, input: Report['input']): Promise<Verdict> {
    while (!this.isHopeless) {
      const answer = await this.say(wire, report, input);
      if (answer) {
        const [error] = answer.errors;
        const taken = Object.values(answer.data ?? {})[0];
        if (!error && typeof taken === 'object' && taken !== null) return { taken: taken as Record<string, unknown> };
        const code = codeOf(answer);
        if (code !== 'UNAVAILABLE' && code !== 'INTERNAL') return { code };
        // To be told of trouble inside is a fault of its own; the report is still owed.
        if (code === 'INTERNAL') this.wrong.push(`${report.id}: ${JSON.stringify(error)}`);
        else if (!(Number(error?.extensions?.['retryAfterSeconds']) > 0))
          this.wrong.push('UNAVAILABLE without a time to come back');
      }
      await pause(BEFORE_AGAIN);
    }
    return { code: 'never answered' };
  }

  private async say(
    wire: Wire,
    { query }: Report,
    input: Report['input'],
    cutAfterMs?: number,
  ): Promise<WireAnswer | undefined> {
    const answer = await wire.send(this.doorDice.pick(this.doors).port, { query, variables: { input } }, cutAfterMs);
    const what =
      cutAfterMs !== undefined
        ? 'hung up'
        : !answer
          ? 'no answer'
          : answer.errors.length > 0
            ? codeOf(answer)
            : 'taken';
    this.answers.set(what, (this.answers.get(what) ?? 0) + 1);
    return answer;
  }
}

function codeOf({ status, errors }: WireAnswer): string {
  const [error] = errors;
  return error?.extensions?.code ?? `HTTP ${status} ${error?.message ?? 'without an error'}`;
}
