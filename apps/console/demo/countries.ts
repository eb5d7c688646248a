import { AgencyKind } from '#identity';

/** Parts of the world as trade routes see them; for the invention of routes alone. */
export type World = 'EUROPE' | 'MIDDLE_EAST' | 'AFRICA' | 'LATIN_AMERICA' | 'NORTH_AMERICA' | 'ASIA_PACIFIC';

export interface DemoPort {
  readonly unlocode: string;
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
}

export interface DemoCountry {
  readonly code: string;
  readonly name: string;
  readonly world: World;
  /** Which kind of agency leads the national coordination: invented for illustration. */
  readonly lead: AgencyKind;
  readonly timeZone: string;
  /** A point well inside the country, around which invented sites lie. */
  readonly inland: { readonly latitude: number; readonly longitude: number };
  readonly ports: readonly DemoPort[];
}

type PortRow = [unlocode: string, name: string, latitude: number, longitude: number];
type Row = [
  code: string,
  name: string,
  world: World,
  lead: keyof typeof AgencyKind,
  timeZone: string,
  latitude: number,
  longitude: number,
  ports: PortRow[],
];

// prettier-ignore
const rows: Row[] = [
  ['NL', 'Netherlands', 'EUROPE', 'ENVIRONMENT', 'Europe/Amsterdam', 52.15, 5.6, [['NLRTM', 'Rotterdam', 51.92, 4.5], ['NLAMS', 'Amsterdam', 52.37, 4.9], ['NLVLI', 'Vlissingen', 51.45, 3.57]]],
  ['IE', 'Ireland', 'EUROPE', 'ENVIRONMENT', 'Europe/Dublin', 53.3, -7.8, [['IEDUB', 'Dublin', 53.35, -6.26], ['IEORK', 'Cork', 51.9, -8.49]]],
  ['GB', 'United Kingdom', 'EUROPE', 'ENVIRONMENT', 'Europe/London', 52.5, -1.5, [['GBFXT', 'Felixstowe', 51.96, 1.35], ['GBIMM', 'Immingham', 53.6, -0.22], ['GBLGP', 'London Gateway Port', 51.5, 0.48]]],
  ['DE', 'Germany', 'EUROPE', 'POLICE', 'Europe/Berlin', 51, 9.8, [['DEHAM', 'Hamburg', 53.55, 9.99], ['DEBRV', 'Bremerhaven', 53.54, 8.58]]],
  ['FR', 'France', 'EUROPE', 'POLICE', 'Europe/Paris', 46.8, 2.4, [['FRLEH', 'Le Havre', 49.49, 0.11], ['FRFOS', 'Fos-sur-Mer', 43.43, 4.93], ['FRDKK', 'Dunkerque', 51.03, 2.38]]],
  ['BE', 'Belgium', 'EUROPE', 'POLICE', 'Europe/Brussels', 50.6, 4.7, [['BEANR', 'Antwerpen', 51.22, 4.42], ['BEZEE', 'Zeebrugge', 51.33, 3.2]]],
  ['ES', 'Spain', 'EUROPE', 'POLICE', 'Europe/Madrid', 40.2, -3.5, [['ESALG', 'Algeciras', 36.14, -5.46], ['ESVLC', 'Valencia', 39.47, -0.38], ['ESBCN', 'Barcelona', 41.39, 2.17]]],
  ['PT', 'Portugal', 'EUROPE', 'CUSTOMS', 'Europe/Lisbon', 39.6, -8, [['PTSIE', 'Sines', 37.95, -8.87], ['PTLEI', 'Leixoes', 41.18, -8.68]]],
  ['IT', 'Italy', 'EUROPE', 'POLICE', 'Europe/Rome', 43.2, 12, [['ITGOA', 'Genova', 44.42, 8.95], ['ITGIT', 'Gioia Tauro', 38.42, 15.9], ['ITRAN', 'Ravenna', 44.42, 12.2]]],
  ['PL', 'Poland', 'EUROPE', 'CUSTOMS', 'Europe/Warsaw', 52, 19.4, [['PLGDN', 'Gdansk', 54.35, 18.65], ['PLGDY', 'Gdynia', 54.5, 18.55]]],
  ['SE', 'Sweden', 'EUROPE', 'ENVIRONMENT', 'Europe/Stockholm', 59.5, 15.2, [['SEGOT', 'Goteborg', 57.72, 11.97], ['SEHEL', 'Helsingborg', 56.05, 12.69]]],
  ['DK', 'Denmark', 'EUROPE', 'ENVIRONMENT', 'Europe/Copenhagen', 56.1, 9.3, [['DKAAR', 'Aarhus', 56.15, 10.22], ['DKCPH', 'Kobenhavn', 55.67, 12.58]]],
  ['FI', 'Finland', 'EUROPE', 'ENVIRONMENT', 'Europe/Helsinki', 62, 25.7, [['FIHKO', 'Hango', 59.83, 22.97], ['FIKTK', 'Kotka', 60.47, 26.92]]],
  ['NO', 'Norway', 'EUROPE', 'ENVIRONMENT', 'Europe/Oslo', 60.8, 10.6, [['NOOSL', 'Oslo', 59.9, 10.73], ['NOBGO', 'Bergen', 60.38, 5.32]]],
  ['GR', 'Greece', 'EUROPE', 'COAST_GUARD', 'Europe/Athens', 39.3, 22, [['GRPIR', 'Piraeus', 37.93, 23.62], ['GRSKG', 'Thessaloniki', 40.63, 22.95]]],
  ['SI', 'Slovenia', 'EUROPE', 'ENVIRONMENT', 'Europe/Ljubljana', 46.05, 14.8, [['SIKOP', 'Koper', 45.55, 13.73]]],
  ['HU', 'Hungary', 'EUROPE', 'ENVIRONMENT', 'Europe/Budapest', 47.1, 19.4, []],
  ['RO', 'Romania', 'EUROPE', 'POLICE', 'Europe/Bucharest', 45, 25.6, [['ROCND', 'Constanta', 44.18, 28.65]]],
  ['HR', 'Croatia', 'EUROPE', 'ENVIRONMENT', 'Europe/Zagreb', 45.6, 16.3, [['HRRJK', 'Rijeka', 45.33, 14.4], ['HRSPU', 'Split', 43.5, 16.45]]],
  ['CY', 'Cyprus', 'EUROPE', 'ENVIRONMENT', 'Asia/Nicosia', 34.95, 32.9, [['CYLMS', 'Limassol', 34.68, 33.05]]],
  ['MT', 'Malta', 'EUROPE', 'POLICE', 'Europe/Malta', 35.88, 14.44, [['MTMAR', 'Marsaxlokk', 35.83, 14.53], ['MTMLA', 'Valletta', 35.88, 14.5]]],
  ['AE', 'United Arab Emirates', 'MIDDLE_EAST', 'ENVIRONMENT', 'Asia/Dubai', 24, 54.5, [['AEJEA', 'Jebel Ali', 24.99, 55.03], ['AEKLF', 'Khor al Fakkan', 25.33, 56.35], ['AESHJ', 'Sharjah', 25.35, 55.38]]],
  ['OM', 'Oman', 'MIDDLE_EAST', 'ENVIRONMENT', 'Asia/Muscat', 22.8, 57.5, [['OMSOH', 'Sohar', 24.35, 56.71], ['OMSLL', 'Salalah', 17.05, 54.11]]],
  ['SA', 'Saudi Arabia', 'MIDDLE_EAST', 'ENVIRONMENT', 'Asia/Riyadh', 24.3, 45.5, [['SAJED', 'Jeddah', 21.29, 39.24], ['SADMM', 'Ad Dammam', 26.42, 50.1]]],
  ['JO', 'Jordan', 'MIDDLE_EAST', 'CUSTOMS', 'Asia/Amman', 31.3, 36.4, [['JOAQJ', "Al 'Aqabah", 29.53, 35]]],
  ['LB', 'Lebanon', 'MIDDLE_EAST', 'CUSTOMS', 'Asia/Beirut', 33.85, 35.9, [['LBBEY', 'Beirut', 33.83, 35.48], ['LBKYE', 'Tripoli', 34.44, 35.83]]],
  ['QA', 'Qatar', 'MIDDLE_EAST', 'COAST_GUARD', 'Asia/Qatar', 25.3, 51.2, [['QADOH', 'Doha', 25.35, 51.49]]],
  ['BH', 'Bahrain', 'MIDDLE_EAST', 'COAST_GUARD', 'Asia/Bahrain', 26.1, 50.54, [['BHKBS', 'Khalifa Bin Salman Port', 26.2, 50.62]]],
  ['MA', 'Morocco', 'AFRICA', 'NAVY', 'Africa/Casablanca', 33, -7.2, [['MAPTM', 'Tanger Med', 35.74, -5.79], ['MACAS', 'Casablanca', 33.58, -7.6]]],
  ['KE', 'Kenya', 'AFRICA', 'ENVIRONMENT', 'Africa/Nairobi', -1.3, 36.9, [['KEMBA', 'Mombasa', -4.04, 39.67]]],
  ['TZ', 'Tanzania', 'AFRICA', 'ENVIRONMENT', 'Africa/Dar_es_Salaam', -6.3, 36.3, [['TZDAR', 'Dar es Salaam', -6.8, 39.28], ['TZTGT', 'Tanga', -5.09, 39.1], ['TZZNZ', 'Zanzibar', -6.17, 39.2]]],
  ['ZA', 'South Africa', 'AFRICA', 'ENVIRONMENT', 'Africa/Johannesburg', -26.4, 27.9, [['ZADUR', 'Durban', -29.86, 31.02], ['ZACPT', 'Cape Town', -33.92, 18.42], ['ZAPLZ', 'Port Elizabeth', -33.71, 25.52]]],
  ['MZ', 'Mozambique', 'AFRICA', 'PORT_AUTHORITY', 'Africa/Maputo', -18.9, 34.4, [['MZMPM', 'Maputo', -25.89, 32.61], ['MZBEW', 'Beira', -19.8, 34.88], ['MZMNC', 'Nacala', -14.57, 40.69]]],
  ['MG', 'Madagascar', 'AFRICA', 'FISHERIES', 'Indian/Antananarivo', -18.9, 47.5, [['MGTMM', 'Tamatave', -18.14, 49.4], ['MGMJN', 'Majunga', -15.69, 46.33]]],
  ['MU', 'Mauritius', 'AFRICA', 'COAST_GUARD', 'Indian/Mauritius', -20.28, 57.57, [['MUPLU', 'Port Louis', -20.17, 57.5]]],
  ['SC', 'Seychelles', 'AFRICA', 'COAST_GUARD', 'Indian/Mahe', -4.68, 55.49, [['SCPOV', 'Port Victoria', -4.62, 55.48]]],
  ['NG', 'Nigeria', 'AFRICA', 'ENVIRONMENT', 'Africa/Lagos', 7.4, 4.2, [['NGAPP', 'Apapa', 6.46, 3.36], ['NGTIN', 'Tincan', 6.43, 3.34], ['NGONN', 'Onne', 4.72, 7.15]]],
  ['GH', 'Ghana', 'AFRICA', 'ENVIRONMENT', 'Africa/Accra', 6.7, -1.5, [['GHTEM', 'Tema', 5.71, 0.02], ['GHTKD', 'Takoradi', 4.9, -1.78]]],
  ['SN', 'Senegal', 'AFRICA', 'CUSTOMS', 'Africa/Dakar', 14.8, -15.9, [['SNDKR', 'Dakar', 14.76, -17.37]]],
  ['CI', "Cote d'Ivoire", 'AFRICA', 'CUSTOMS', 'Africa/Abidjan', 6.9, -5.3, [['CIABJ', 'Abidjan', 5.36, -4.01], ['CISPY', 'San-Pedro', 4.73, -6.62]]],
  ['TG', 'Togo', 'AFRICA', 'NAVY', 'Africa/Lome', 6.9, 1.15, [['TGLFW', 'Lome', 6.17, 1.23]]],
  ['CM', 'Cameroon', 'AFRICA', 'PORT_AUTHORITY', 'Africa/Douala', 4.4, 10.6, [['CMDLA', 'Douala', 4.05, 9.77]]],
  ['GA', 'Gabon', 'AFRICA', 'NAVY', 'Africa/Libreville', 0.2, 10.5, [['GALBV', 'Libreville', 0.42, 9.47], ['GAOWE', 'Owendo', 0.34, 9.48]]],
  ['NA', 'Namibia', 'AFRICA', 'FISHERIES', 'Africa/Windhoek', -22.5, 17, [['NAWVB', 'Walvis Bay', -22.94, 14.52]]],
  ['BR', 'Brazil', 'LATIN_AMERICA', 'ENVIRONMENT', 'America/Sao_Paulo', -22.2, -47.6, [['BRSSZ', 'Santos', -23.95, -46.33], ['BRPNG', 'Paranagua', -25.52, -48.5], ['BRITJ', 'Itajai', -26.91, -48.67]]],
  ['MX', 'Mexico', 'LATIN_AMERICA', 'ENVIRONMENT', 'America/Mexico_City', 20.4, -100.2, [['MXVER', 'Veracruz', 19.2, -96.08], ['MXZLO', 'Manzanillo', 19.05, -104.3]]],
  ['CL', 'Chile', 'LATIN_AMERICA', 'POLICE', 'America/Santiago', -33.4, -70.9, [['CLSAI', 'San Antonio', -33.6, -71.6], ['CLIQQ', 'Iquique', -20.22, -70.13]]],
  ['CO', 'Colombia', 'LATIN_AMERICA', 'POLICE', 'America/Bogota', 4.6, -74.2, [['COCTG', 'Cartagena', 10.39, -75.48], ['COBUN', 'Buenaventura', 3.88, -77.02]]],
  ['PE', 'Peru', 'LATIN_AMERICA', 'ENVIRONMENT', 'America/Lima', -11.9, -75.8, [['PECLL', 'Callao', -12.05, -77.13], ['PEPAI', 'Paita', -5.09, -81.1]]],
  ['PA', 'Panama', 'LATIN_AMERICA', 'CUSTOMS', 'America/Panama', 8.4, -80.6, [['PAONX', 'Colon', 9.35, -79.87], ['PABLB', 'Balboa', 8.96, -79.56]]],
  ['CR', 'Costa Rica', 'LATIN_AMERICA', 'ENVIRONMENT', 'America/Costa_Rica', 9.95, -84.2, [['CRMOB', 'Moin', 10, -83.08], ['CRCAL', 'Caldera', 9.95, -84.72]]],
  ['UY', 'Uruguay', 'LATIN_AMERICA', 'ENVIRONMENT', 'America/Montevideo', -33.5, -56, [['UYMVD', 'Montevideo', -34.9, -56.16]]],
  ['AR', 'Argentina', 'LATIN_AMERICA', 'COAST_GUARD', 'America/Argentina/Buenos_Aires', -34.3, -60, [['ARBUE', 'Buenos Aires', -34.58, -58.67], ['ARBHI', 'Bahia Blanca', -38.72, -62.28]]],
  ['JM', 'Jamaica', 'LATIN_AMERICA', 'COAST_GUARD', 'America/Jamaica', 18.1, -77.3, [['JMKIN', 'Kingston', 18.04, -76.8]]],
  ['DO', 'Dominican Republic', 'LATIN_AMERICA', 'NAVY', 'America/Santo_Domingo', 18.8, -70.3, [['DOCAU', 'Caucedo', 18.42, -69.63], ['DOHAI', 'Rio Haina', 18.51, -70.07]]],
  ['CA', 'Canada', 'NORTH_AMERICA', 'ENVIRONMENT', 'America/Toronto', 44.6, -78.5, [['CAMTR', 'Montreal', 45.5, -73.57], ['CAHAL', 'Halifax', 44.65, -63.58]]],
  ['IN', 'India', 'ASIA_PACIFIC', 'COAST_GUARD', 'Asia/Kolkata', 19.2, 74.6, [['INNSA', 'Jawaharlal Nehru', 18.95, 72.95], ['INMUN', 'Mundra', 22.84, 69.72], ['INMAA', 'Chennai', 13.08, 80.28]]],
  ['LK', 'Sri Lanka', 'ASIA_PACIFIC', 'COAST_GUARD', 'Asia/Colombo', 7.3, 80.6, [['LKCMB', 'Colombo', 6.92, 79.85]]],
  ['ID', 'Indonesia', 'ASIA_PACIFIC', 'ENVIRONMENT', 'Asia/Jakarta', -6.8, 107.6, [['IDTPP', 'Tanjung Priok', -6.13, 106.87], ['IDSUB', 'Surabaya', -7.23, 112.75], ['IDBTM', 'Batam Island', 1.08, 104.03]]],
  ['TH', 'Thailand', 'ASIA_PACIFIC', 'CUSTOMS', 'Asia/Bangkok', 14.6, 100.9, [['THLCH', 'Laem Chabang', 13.08, 100.88], ['THBKK', 'Bangkok', 13.75, 100.52]]],
  ['MY', 'Malaysia', 'ASIA_PACIFIC', 'ENVIRONMENT', 'Asia/Kuala_Lumpur', 3.4, 102, [['MYPKG', 'Port Klang', 3, 101.4], ['MYTPP', 'Tanjung Pelepas', 1.37, 103.55], ['MYPEN', 'Penang', 5.42, 100.32]]],
  ['VN', 'Viet Nam', 'ASIA_PACIFIC', 'POLICE', 'Asia/Ho_Chi_Minh', 20.9, 105.8, [['VNHPH', 'Haiphong', 20.84, 106.69], ['VNCLI', 'Cat Lai', 10.77, 106.78]]],
  ['SG', 'Singapore', 'ASIA_PACIFIC', 'PORT_AUTHORITY', 'Asia/Singapore', 1.36, 103.82, [['SGSIN', 'Singapore', 1.28, 103.85], ['SGJUR', 'Jurong', 1.33, 103.7]]],
  ['PH', 'Philippines', 'ASIA_PACIFIC', 'COAST_GUARD', 'Asia/Manila', 15.3, 120.8, [['PHMNL', 'Manila', 14.6, 120.98], ['PHCEB', 'Cebu', 10.32, 123.89]]],
  ['AU', 'Australia', 'ASIA_PACIFIC', 'ENVIRONMENT', 'Australia/Melbourne', -36.6, 144.9, [['AUMEL', 'Melbourne', -37.82, 144.97], ['AUBNE', 'Brisbane', -27.47, 153.02]]],
];

export const demoCountries: readonly DemoCountry[] = rows.map(
  ([code, name, world, lead, timeZone, latitude, longitude, ports]) => ({
    code,
    name,
    world,
    lead: AgencyKind[lead],
    timeZone,
    inland: { latitude, longitude },
    ports: ports.map(([unlocode, portName, portLatitude, portLongitude]) => ({
      unlocode,
      name: portName,
      latitude: portLatitude,
      longitude: portLongitude,
    })),
  }),
);

const byCode = new Map(demoCountries.map((country) => [country.code, country]));

/** @throws Error for a country that takes part in no demo operation */
export function demoCountry(code: string): DemoCountry {
  const found = byCode.get(code);
  if (!found) throw new Error(`${code} takes part in no demo operation.`);
  return found;
}

/** The countries of 30 Days of Action. Only NL and IE are published; the other 41 are invented for illustration. */
export const actionCountries: readonly string[] = (
  'NL IE GB DE FR BE ES PT IT PL SE DK FI NO GR SI HU AE JO OM SA LB KE ZA NG GH SN TZ CI ' +
  'BR MX CL CO PE PA CR UY CA ID TH MY VN AU'
).split(' ');

/** The 58 countries of 30 Days at Sea (demo): invented for illustration. */
export const seaCountries: readonly string[] = (
  'KE TZ ZA OM AE NL BR MZ MG MU SC NG GH SN CI TG CM GA NA MA SA JO QA BH IE GB DE FR BE ES PT IT GR DK NO FI RO HR CY MT ' +
  'AR UY CL CO PE PA MX JM DO IN LK ID MY TH VN SG PH AU'
).split(' ');

/** The seven countries whose coordinators have demo accounts. */
export const coordinatorCountries: readonly string[] = ['KE', 'TZ', 'ZA', 'OM', 'AE', 'NL', 'BR'];
