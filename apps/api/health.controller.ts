import { Controller, Get, Inject, Res } from '@nestjs/common';
import { Database, partOfMuster, Public, query, REPORTS_QUEUE_TOKEN, type WakeQueue } from '#platform';
import type { FastifyReply } from 'fastify';

const LONGEST_WAIT_MS = 2_000;
const HEALTH = partOfMuster('health');

type PartState = 'up' | 'down';

/** Whether the process lives, and whether it can do its work; the second names the part that can't be reached. */
@Controller('health')
export class HealthController {
  constructor(
    private readonly database: Database,
    @Inject(REPORTS_QUEUE_TOKEN) private readonly queue: WakeQueue,
  ) {}

  @Get('live')
  @Public()
  live(): { status: string } {
    return { status: 'live' };
  }

  @Get('ready')
  @Public()
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const [database, queue] = await Promise.all([
      stateOf(this.database.read(HEALTH, (tx) => query(tx, 'SELECT 1'))),
      stateOf(this.queue.getJobCounts('wait')),
    ]);
    const parts = { database, queue };
    const isReady = Object.values(parts).every((state) => state === 'up');
    await reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready', parts });
  }
}

async function stateOf(look: Promise<unknown>): Promise<PartState> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<PartState>((resolve) => {
    timer = setTimeout(() => resolve('down'), LONGEST_WAIT_MS);
  });
  try {
    return await Promise.race([look.then((): PartState => 'up'), late]);
  } catch {
    return 'down';
  } finally {
    clearTimeout(timer);
  }
}
