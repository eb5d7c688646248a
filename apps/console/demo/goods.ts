import { Agreement, CrimeArea, QuantityUnit } from '#reference';

/** One kind of goods of the reference list, with what is needed to invent a line of it. */
export interface Good {
  /** Code of the reference list. */
  readonly commodity: string;
  /** In plain words, for narratives. */
  readonly words: string;
  readonly agreement: Agreement;
  readonly crimeArea: CrimeArea;
  readonly unit: QuantityUnit;
  readonly hsCode?: string;
  readonly agreementReference?: string;
  /** Weight of one piece, for goods that are counted and weighed. */
  readonly kgEach?: number;
  /** Least and greatest quantity of a line, in the unit. */
  readonly amount: readonly [least: number, greatest: number];
  /** Invented value of one unit in US dollars. */
  readonly usdEach: number;
}

const { BASEL, MARPOL, MONTREAL, CITES, NATIONAL_LAW, STOCKHOLM, MINAMATA, DRUG_CONVENTIONS, FIREARMS_PROTOCOL } =
  Agreement;
const { POLLUTION, FISHERIES, FORESTRY, WILDLIFE, OZONE, CHEMICALS, DRUGS, ARMS, OTHER } = CrimeArea;
const { TONNE, KG, LITRE, CUBIC_METRE, PIECE } = QuantityUnit;

type Rest = Partial<Pick<Good, 'hsCode' | 'agreementReference' | 'kgEach'>>;

const good = (
  commodity: string,
  words: string,
  agreement: Agreement,
  crimeArea: CrimeArea,
  unit: QuantityUnit,
  amount: Good['amount'],
  usdEach: number,
  rest: Rest = {},
): Good => ({ commodity, words, agreement, crimeArea, unit, amount, usdEach, ...rest });

/** Waste of the car trade: what most crimes of 30 Days of Action were about. HS codes are those of 2017. */
export const carTrade = {
  electronics: good('ewaste-hazardous', 'electronic waste of vehicles', BASEL, POLLUTION, TONNE, [2, 24], 310, {
    // The entry that held in June 2017; A1181 replaced it in 2025.
    agreementReference: 'Basel Annex VIII A1180',
  }),
  harnesses: good('cable-waste', 'cable harnesses stripped from vehicles', BASEL, POLLUTION, TONNE, [1, 20], 420),
  batteries: good('lead-acid-batteries-waste', 'spent lead-acid batteries', BASEL, POLLUTION, TONNE, [2, 25], 260, {
    hsCode: '854810',
  }),
  metal: good('metal-waste-hazardous', 'contaminated metal scrap', BASEL, POLLUTION, TONNE, [5, 26], 150, {
    hsCode: '780200',
  }),
  wrecks: good('end-of-life-vehicles', 'end-of-life vehicles', BASEL, POLLUTION, PIECE, [2, 12], 120, { kgEach: 1150 }),
  tyres: good('tyres-used-waste', 'used and waste tyres', BASEL, POLLUTION, TONNE, [3, 22], 40, { hsCode: '401220' }),
  oil: good('waste-oil', 'waste engine oil', BASEL, POLLUTION, TONNE, [1, 18], 60, { hsCode: '271099' }),
} as const;

/** Other waste found in 2017. */
export const otherWaste = {
  household: good('household-waste', 'household waste', BASEL, POLLUTION, TONNE, [5, 25], 15, { hsCode: '382510' }),
  textiles: good('textile-waste', 'textile waste', BASEL, POLLUTION, TONNE, [3, 18], 55, { hsCode: '630900' }),
  paper: good('paper-waste-mixed', 'mixed waste paper', BASEL, POLLUTION, TONNE, [8, 25], 35, { hsCode: '470790' }),
  asbestos: good('asbestos-waste', 'asbestos waste', BASEL, POLLUTION, TONNE, [1, 15], 45, { hsCode: '252490' }),
  clinical: good('clinical-waste', 'clinical waste', BASEL, POLLUTION, KG, [80, 4000], 1, { hsCode: '382530' }),
  shipOil: good('oil-discharge', 'oil discharged from a ship', MARPOL, POLLUTION, LITRE, [50, 9000], 1),
} as const;

/** Offences of ships. */
export const shipOffences: readonly Good[] = [
  good('oil-record-offence', 'faults in the oil record book', MARPOL, POLLUTION, PIECE, [1, 4], 2500),
  good('oil-discharge', 'oily water pumped overboard', MARPOL, POLLUTION, LITRE, [80, 24000], 1.2),
  good('sulphur-fuel', 'fuel oil over the sulphur limit', MARPOL, POLLUTION, TONNE, [8, 240], 480),
  good('sewage-discharge', 'sewage discharged near the coast', MARPOL, POLLUTION, CUBIC_METRE, [2, 60], 30),
  good('garbage-discharge', 'garbage thrown overboard', MARPOL, POLLUTION, CUBIC_METRE, [1, 25], 45),
  good('noxious-liquid-discharge', 'tank washings discharged', MARPOL, POLLUTION, LITRE, [200, 9000], 2),
  good('ods-on-ship', 'refrigerant released from the cooling plant', MARPOL, POLLUTION, KG, [4, 160], 25),
  good(
    'ballast-water',
    'ballast water discharged against the standard',
    NATIONAL_LAW,
    POLLUTION,
    CUBIC_METRE,
    [300, 9000],
    0.4,
  ),
  good('iuu-tuna', 'tuna caught without a licence', NATIONAL_LAW, FISHERIES, TONNE, [1, 90], 1600, {
    hsCode: '030342',
  }),
  good('prohibited-gear', 'prohibited fishing gear', NATIONAL_LAW, FISHERIES, PIECE, [1, 30], 180, {
    hsCode: '560811',
    kgEach: 34,
  }),
];

/** What lies on coasts and in harbours and rivers. */
export const shoreOffences: readonly Good[] = [
  good('oil-discharge', 'an oil slick', MARPOL, POLLUTION, LITRE, [100, 15000], 1.2),
  good('plastic-waste-mixed', 'mixed plastic waste', BASEL, POLLUTION, TONNE, [1, 60], 20),
  good('household-waste', 'household waste', BASEL, POLLUTION, TONNE, [1, 80], 15, { hsCode: '382510' }),
  good('tyres-used-waste', 'waste tyres', BASEL, POLLUTION, TONNE, [1, 30], 40, { hsCode: '401220' }),
  good('waste-oil', 'drums of waste oil', BASEL, POLLUTION, TONNE, [1, 16], 60, { hsCode: '271099' }),
  good('dumping-at-sea', 'dredged spoil dumped without a permit', NATIONAL_LAW, POLLUTION, TONNE, [40, 900], 8),
  good('pesticide-waste', 'obsolete pesticides', BASEL, POLLUTION, TONNE, [1, 9], 120),
  good('charcoal', 'charcoal ready for loading', NATIONAL_LAW, FORESTRY, TONNE, [3, 60], 240, { hsCode: '440290' }),
];

/** What lies in yards and stores of ports. */
export const portOffences: readonly Good[] = [
  good('waste-oil', 'waste oil and sludge from ships', BASEL, POLLUTION, TONNE, [2, 120], 60, { hsCode: '271099' }),
  good('ship-for-recycling', 'a hull that is being broken up on the beach', BASEL, POLLUTION, PIECE, [1, 1], 90000, {
    hsCode: '890800',
    kgEach: 640_000,
  }),
  good('ewaste-hazardous', 'electronic waste', BASEL, POLLUTION, TONNE, [2, 90], 310, { hsCode: '854931' }),
  good('lead-acid-batteries-waste', 'spent lead-acid batteries', BASEL, POLLUTION, TONNE, [2, 60], 260, {
    hsCode: '854911',
  }),
  good('asbestos-waste', 'asbestos from old ships', BASEL, POLLUTION, TONNE, [1, 14], 45),
  good('ods-equipment', 'cooling equipment with ozone-depleting gas', MONTREAL, OZONE, PIECE, [10, 240], 70, {
    hsCode: '841810',
    kgEach: 48,
  }),
  good('pcb', 'transformer oil that holds PCB', STOCKHOLM, CHEMICALS, KG, [200, 9000], 2),
];

/** What moves in consignments through ports. */
export const cargoOffences: readonly Good[] = [
  good('ewaste-hazardous', 'electronic waste', BASEL, POLLUTION, TONNE, [4, 46], 310, { hsCode: '854931' }),
  good('plastic-waste-mixed', 'contaminated plastic waste', BASEL, POLLUTION, TONNE, [8, 70], 20, { hsCode: '391590' }),
  good('lead-acid-batteries-waste', 'spent lead-acid batteries', BASEL, POLLUTION, TONNE, [4, 40], 260, {
    hsCode: '854911',
  }),
  good('hfc-134a', 'cylinders of R-134a', MONTREAL, OZONE, KG, [400, 9000], 11, { hsCode: '290345' }),
  good('hcfc-22', 'cylinders of R-22', MONTREAL, OZONE, KG, [300, 8000], 13, { hsCode: '290371' }),
  good('rosewood', 'rosewood logs', CITES, FORESTRY, CUBIC_METRE, [6, 70], 1500, { hsCode: '440349' }),
  good('shark-fin', 'dried shark fins', CITES, FISHERIES, KG, [40, 2200], 160, { hsCode: '030571' }),
  good('sea-cucumber', 'dried sea cucumbers', CITES, FISHERIES, KG, [30, 1400], 110, { hsCode: '030819' }),
  good('mercury', 'flasks of mercury', MINAMATA, CHEMICALS, KG, [70, 2400], 45, { hsCode: '280540' }),
];

/** What stands on stalls and in offers online. */
export const marketOffences: readonly Good[] = [
  good('turtle-shell', 'turtle shell and goods made of it', CITES, WILDLIFE, KG, [1, 30], 260, { hsCode: '050790' }),
  good('coral', 'stony coral', CITES, WILDLIFE, KG, [2, 140], 40, { hsCode: '050800' }),
  good('seahorse-dried', 'dried seahorses', CITES, WILDLIFE, KG, [1, 24], 900, { hsCode: '051191' }),
  good('hfc-134a', 'refrigerant offered without a licence', MONTREAL, OZONE, KG, [12, 200], 11, { hsCode: '290345' }),
];

/** What port units find in containers, and under which name it travelled. */
export const containerFinds: readonly (Good & { readonly declared: string })[] = [
  {
    ...good('ivory-raw', 'raw elephant tusks', CITES, WILDLIFE, KG, [40, 900], 420, { hsCode: '050710' }),
    declared: 'Tea in bags',
  },
  {
    ...good('pangolin-scales', 'pangolin scales', CITES, WILDLIFE, KG, [60, 1200], 350, { hsCode: '050790' }),
    declared: 'Cashew nuts',
  },
  {
    ...good('turtle-shell', 'turtle shell', CITES, WILDLIFE, KG, [5, 90], 260, { hsCode: '050790' }),
    declared: 'Wooden handicraft',
  },
  {
    ...good('rosewood', 'rosewood logs', CITES, FORESTRY, CUBIC_METRE, [12, 44], 1500, { hsCode: '440349' }),
    declared: 'Sawn pine',
  },
  {
    ...good('red-sanders', 'red sanders logs', CITES, FORESTRY, KG, [2000, 14000], 35, { hsCode: '440349' }),
    declared: 'Plywood',
  },
  {
    ...good('charcoal', 'charcoal', NATIONAL_LAW, FORESTRY, TONNE, [10, 24], 240, { hsCode: '440290' }),
    declared: 'Coconut briquettes',
  },
  {
    ...good('ewaste-hazardous', 'broken screens and boards', BASEL, POLLUTION, TONNE, [4, 22], 310, {
      hsCode: '854931',
    }),
    declared: 'Used television sets, working',
  },
  {
    ...good('lead-acid-batteries-waste', 'spent lead-acid batteries', BASEL, POLLUTION, TONNE, [4, 20], 260, {
      hsCode: '854911',
    }),
    declared: 'Scrap iron',
  },
  {
    ...good('plastic-waste-mixed', 'contaminated plastic waste', BASEL, POLLUTION, TONNE, [6, 22], 20, {
      hsCode: '391590',
    }),
    declared: 'Plastic granulate',
  },
  {
    ...good('hcfc-22', 'cylinders of R-22', MONTREAL, OZONE, KG, [400, 9000], 13, { hsCode: '290371' }),
    declared: 'Cylinders of R-32',
  },
  {
    ...good('hfc-134a', 'cylinders of R-134a', MONTREAL, OZONE, KG, [400, 9000], 11, { hsCode: '290345' }),
    declared: 'Garden hoses',
  },
  {
    ...good('cocaine', 'packets of cocaine', DRUG_CONVENTIONS, DRUGS, KG, [12, 220], 26000, { hsCode: '293972' }),
    declared: 'Raw sugar',
  },
  {
    ...good('heroin', 'packets of heroin', DRUG_CONVENTIONS, DRUGS, KG, [5, 120], 21000, { hsCode: '293911' }),
    declared: 'Basmati rice',
  },
  {
    ...good('acetic-anhydride', 'drums of acetic anhydride', DRUG_CONVENTIONS, DRUGS, KG, [800, 9000], 4, {
      hsCode: '291524',
    }),
    declared: 'Cleaning agent',
  },
  {
    ...good('handguns', 'pistols', FIREARMS_PROTOCOL, ARMS, PIECE, [4, 60], 450, { hsCode: '930200', kgEach: 1 }),
    declared: 'Spare parts for tractors',
  },
  {
    ...good('counterfeit-medicines', 'falsified medicines', NATIONAL_LAW, OTHER, PIECE, [2000, 90000], 1, {
      hsCode: '300490',
    }),
    declared: 'Food supplements',
  },
];
