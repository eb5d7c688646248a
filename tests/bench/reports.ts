import { v7 } from 'uuid';

export const MOMBASA = 'KEMBA';

/** The mutation that port units send most. */
export const REPORT = `mutation ($input: ReportSeizureInput!) { reportSeizure(input: $input) { id status receivedAt } }`;

let serial = 0;

/** A seizure report as a port unit sends it, each of another container, so that none goes to review. */
export function seizure(operationId: string, unitId: string, sharing: string): Record<string, unknown> {
  return {
    id: v7(),
    operationId,
    unitId,
    cargoUnit: { container: nextContainer() },
    sizeType: '45G1',
    seals: ['ML-KE0012345', 'KRA 778812'],
    billOfLading: 'MAEU123456789',
    vessel: { name: 'MV Example', flag: 'LR' },
    carrier: 'Example Line',
    declaredGoods: 'Used household goods, 412 cartons',
    foundGoods: 'Waste electrical and electronic equipment, unsorted, with lead-acid batteries between the cartons',
    detectedAt: new Date(Date.now() - 3_600_000).toISOString(),
    timeZone: 'Africa/Nairobi',
    crimeArea: 'POLLUTION',
    nature: 'CRIMINAL',
    transportMode: 'MARITIME',
    direction: 'IMPORT',
    route: { origin: 'NL', transit: ['OM'], destination: 'KE' },
    lines: [
      {
        agreement: 'BASEL',
        commodity: 'household-waste',
        quantity: '18.4',
        unit: 'TONNE',
        basis: 'WEIGHED',
        value: '5200',
        currency: 'USD',
      },
      { agreement: 'BASEL', commodity: 'household-waste', quantity: '60', unit: 'PIECE', netWeightKg: '840.5' },
    ],
    persons: 2,
    companies: 1,
    sharing: { level: sharing },
    grading: { source: 'A', information: 'ONE' },
    narrative:
      'Scan and weight did not fit the papers; the container was opened in the presence of all agencies of the unit.',
  };
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Numbers with a right check digit (ISO 6346), under as many owner codes as are needed. */
function nextContainer(): string {
  for (;;) {
    serial += 1;
    const owner = Math.floor(serial / 1_000_000) + process.pid * 7;
    const letters = [owner % 26, Math.floor(owner / 26) % 26].map((index) => LETTERS[index]).join('');
    const stem = `Q${letters}U${String(serial % 1_000_000).padStart(6, '0')}`;
    const remainder = [...stem].reduce((sum, character, place) => sum + valueOf(character) * 2 ** place, 0) % 11;
    if (remainder < 10) return `${stem}${remainder}`;
  }
}

function valueOf(character: string): number {
  if (character >= '0' && character <= '9') return Number(character);
  const plain = character.charCodeAt(0) - 55;
  return plain + Math.floor((plain - 1) / 10); // letters leave out the multiples of 11
}
