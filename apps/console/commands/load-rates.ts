import { readFile } from 'node:fs/promises';

import { readConfig } from '#platform';
import { loadExchangeRates } from '#reference';
import { DataSource } from 'typeorm';

import { type Command, expectArguments } from '../command.js';

export const loadRates: Command = {
  usage: 'load-rates FILE.csv',
  does: 'Loads exchange rates (currency,day,usd), all of the file or none.',
  async run(args) {
    expectArguments(args, 1, 1);
    const csv = await readFile(args[0] ?? '', 'utf8');
    const source = new DataSource({ type: 'postgres', url: readConfig().databaseUrl });
    await source.initialize();
    try {
      const { added, unchanged } = await loadExchangeRates(source, csv);
      console.log(`Exchange rates: ${added} new, ${unchanged} known before.`);
    } finally {
      await source.destroy();
    }
  },
};
