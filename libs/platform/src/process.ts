import type { INestApplicationContext } from '@nestjs/common';
import type { Logger } from 'pino';

/** What a process of Muster tells the one that started it, once it can do its work. */
export interface ReadyMessage {
  readonly type: 'ready';
  readonly url?: string;
}

/**
 * Lets a process end in order: on SIGTERM or SIGINT, and when the one that started it has gone, so that none is left behind. What is
 * under way is finished; after ten seconds the process ends all the same.
 */
export function endInOrder(app: INestApplicationContext, logger: Logger): void {
  let isEnding = false;
  const end = (why: string): void => {
    if (isEnding) return;
    isEnding = true;
    logger.info({ why }, 'ending');
    setTimeout(() => process.exit(1), 10_000).unref();
    app.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'The process could not end in order.');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', () => end('SIGTERM'));
  process.once('SIGINT', () => end('SIGINT'));
  if (process.send) process.once('disconnect', () => end('the launcher has gone'));
}

/** Tells the one that started the process that it is ready. */
export function tellReady(message: ReadyMessage): void {
  process.send?.(message);
}
