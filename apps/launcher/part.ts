/** One life of a part of Muster: from its start to its end, however that comes. */
export interface Life<Ready> {
  readonly pid: number;
  /** Settles when the part can do its work; fails when it ends before. */
  readonly ready: Promise<Ready>;
  /** Settles when the part has ended, with how: `was killed by SIGKILL`. Never fails. */
  readonly ended: Promise<End>;
  /** Ends the part as its clean end is, then by force. */
  stop(): Promise<void>;
}

export interface End {
  readonly how: string;
  /** A signal from outside ended it, so that it says nothing about whether the part can start. */
  readonly isKilled: boolean;
}

/** A part of Muster that runs as a process of its own and is started again when it dies. */
export interface Part<Ready> {
  readonly name: string;
  /** How many starts in a row may fail before the first success: after that the start of Muster fails. */
  readonly firstTries: number;
  begin(): Promise<Life<Ready>>;
}

/** How a child process ended, from the arguments of its `exit` event. */
export function endOf(code: number | null, signal: NodeJS.Signals | null): End {
  return signal
    ? { how: `was killed by ${signal}`, isKilled: true }
    : { how: `ended with code ${code}`, isKilled: false };
}
