import { officerOf, openPorts, type Ports } from '../../setup/ports.js';
import type { Person, Scene } from '../../setup/scene.js';
import type { Sender } from './reports.js';

/** Who reports and reads in a storm. */
export interface Crowd {
  readonly ports: Ports;
  readonly mozambique: Person;
  readonly senders: readonly Sender[];
  readonly twins: readonly [Sender, Sender];
}

/** Three countries with their coordinators, and port units whose officers report. */
export async function gather(scene: Scene): Promise<Crowd> {
  const ports = await openPorts(scene, { phase: 'PREPARATION' });
  const { operationId, hub, agencies } = ports;
  const customs = await scene.agency('MZ');
  const mozambique = await scene.join(hub, operationId, 'MZ', customs);
  const maputo = await scene.unit('MZ', 'MZMPM', [customs]);
  const clerk = await officerOf(scene, operationId, 'MZ', maputo, customs);
  await scene.move(hub, operationId, 'OPERATIONAL');
  const unit = (person: Person, country: string, agencyId: string, unitId?: string): Sender => ({
    person,
    country,
    operationId,
    agencyId,
    ...(unitId === undefined ? {} : { unitId }),
  });
  const twins = [
    unit(ports.officer, 'KE', agencies.KE, ports.mombasa),
    unit(ports.ranger, 'KE', agencies.wildlife, ports.mombasa),
  ] as const;
  const neighbour = unit(ports.neighbour, 'TZ', agencies.TZ, ports.darEsSalaam);
  const port = unit(clerk, 'MZ', customs, maputo);
  const coordinators = [
    unit(ports.kenya, 'KE', agencies.KE),
    unit(ports.tanzania, 'TZ', agencies.TZ),
    unit(mozambique, 'MZ', customs),
  ];
  return { ports, mozambique, twins, senders: [...twins, ...twins, neighbour, neighbour, port, port, ...coordinators] };
}
