import { type Config, readConfig } from '#platform';

import { type Command, expectArguments } from '../command.js';
import type { DemoLoader } from '../demo-loader/demo-loader.js';

export const loadDemo: Command = {
  usage: 'load-demo',
  does: 'Loads the demo operations with their accounts, once, and moves 30 Days at Sea (demo) on to today.',
  async run(args) {
    expectArguments(args, 0, 0);
    const { config, demoFile } = demoConfig();
    await withLoader(config, (loader) => loader.load(demoFile));
  },
};

/** What the loader needs is brought in only when the settings are right. */
async function withLoader(config: Config, work: (loader: DemoLoader) => Promise<void>): Promise<void> {
  const [{ withServices }, { DemoLoader }] = await Promise.all([
    import('../context.js'),
    import('../demo-loader/demo-loader.js'),
  ]);
  await withServices(config, (services) => work(services.get(DemoLoader)));
}

function demoConfig(): { readonly config: Config; readonly demoFile: string } {
  const config = readConfig();
  if (config.production) throw new Error('With NODE_ENV=production there are no demo operations.');
  return { config, demoFile: config.demoFile ?? demoFileMissing() };
}

function demoFileMissing(): never {
  throw new Error('Wrong settings:\n  DEMO_FILE must name the file that keeps the demo accounts.');
}
