import { registerEnumType } from '@nestjs/graphql';

/** Languages in which names of countries are told. */
export enum Language {
  EN = 'EN',
  FR = 'FR',
  ES = 'ES',
  AR = 'AR',
}
registerEnumType(Language, { name: 'Language', description: 'Languages in which names of countries are told.' });

/** The agreement (treaty, protocol or national law) that an offence breaks. */
export enum Agreement {
  BASEL = 'BASEL',
  ROTTERDAM = 'ROTTERDAM',
  STOCKHOLM = 'STOCKHOLM',
  MONTREAL = 'MONTREAL',
  CITES = 'CITES',
  CARTAGENA = 'CARTAGENA',
  CWC = 'CWC',
  MINAMATA = 'MINAMATA',
  MARPOL = 'MARPOL',
  DRUG_CONVENTIONS = 'DRUG_CONVENTIONS',
  FIREARMS_PROTOCOL = 'FIREARMS_PROTOCOL',
  NATIONAL_LAW = 'NATIONAL_LAW',
}
registerEnumType(Agreement, {
  name: 'Agreement',
  description: 'The agreement (treaty, protocol or national law) that an offence breaks.',
});

/** The field of environmental or related crime. */
export enum CrimeArea {
  FISHERIES = 'FISHERIES',
  FORESTRY = 'FORESTRY',
  POLLUTION = 'POLLUTION',
  WILDLIFE = 'WILDLIFE',
  CHEMICALS = 'CHEMICALS',
  OZONE = 'OZONE',
  BIOSAFETY = 'BIOSAFETY',
  DRUGS = 'DRUGS',
  ARMS = 'ARMS',
  OTHER = 'OTHER',
}
registerEnumType(CrimeArea, { name: 'CrimeArea', description: 'The field of environmental or related crime.' });

/** How countries are gathered into regions: UN M49 regions, M49 sub-regions, or the six regions of the WCO. */
export enum RegionScheme {
  M49_REGION = 'M49_REGION',
  M49_SUBREGION = 'M49_SUBREGION',
  WCO_REGION = 'WCO_REGION',
}
registerEnumType(RegionScheme, {
  name: 'RegionScheme',
  description:
    'How countries are gathered into regions: UN M49 regions, M49 sub-regions, or the six regions of the WCO.',
});

/** Unit of a quantity as it was reported. GRAM, KG and TONNE convert to kilograms; nothing else does. */
export enum QuantityUnit {
  GRAM = 'GRAM',
  KG = 'KG',
  TONNE = 'TONNE',
  LITRE = 'LITRE',
  CUBIC_METRE = 'CUBIC_METRE',
  METRE = 'METRE',
  SQUARE_METRE = 'SQUARE_METRE',
  PIECE = 'PIECE',
  CYLINDER = 'CYLINDER',
  PALLET = 'PALLET',
  VEHICLE = 'VEHICLE',
  CONTAINER = 'CONTAINER',
}
registerEnumType(QuantityUnit, {
  name: 'QuantityUnit',
  description: 'Unit of a quantity as it was reported. GRAM, KG and TONNE convert to kilograms; nothing else does.',
});

/** How a quantity is known. */
export enum QuantityBasis {
  WEIGHED = 'WEIGHED',
  ESTIMATED = 'ESTIMATED',
  DECLARED = 'DECLARED',
}
registerEnumType(QuantityBasis, { name: 'QuantityBasis', description: 'How a quantity is known.' });

/** How a value is known. */
export enum ValueBasis {
  DECLARED = 'DECLARED',
  ESTIMATED = 'ESTIMATED',
}
registerEnumType(ValueBasis, { name: 'ValueBasis', description: 'How a value is known.' });

/** Where the offence was found; transport mode, direction and route belong to a CONSIGNMENT alone. */
export enum Scene {
  CONSIGNMENT = 'CONSIGNMENT',
  SITE = 'SITE',
  VESSEL = 'VESSEL',
  WATERWAY = 'WATERWAY',
  COAST = 'COAST',
  MARKET = 'MARKET',
  ONLINE = 'ONLINE',
  PERSON = 'PERSON',
}
registerEnumType(Scene, {
  name: 'Scene',
  description: 'Where the offence was found; transport mode, direction and route belong to a CONSIGNMENT alone.',
});

/** How a consignment travelled. */
export enum TransportMode {
  MARITIME = 'MARITIME',
  AIR = 'AIR',
  ROAD = 'ROAD',
  RAIL = 'RAIL',
  INLAND_WATERWAY = 'INLAND_WATERWAY',
  POST = 'POST',
  OTHER = 'OTHER',
  UNKNOWN = 'UNKNOWN',
}
registerEnumType(TransportMode, { name: 'TransportMode', description: 'How a consignment travelled.' });

/** Which way a consignment moved, seen from the reporting country. */
export enum TradeDirection {
  IMPORT = 'IMPORT',
  EXPORT = 'EXPORT',
  TRANSIT = 'TRANSIT',
  TRANSHIPMENT = 'TRANSHIPMENT',
  DOMESTIC = 'DOMESTIC',
  RETURN = 'RETURN',
  UNKNOWN = 'UNKNOWN',
}
registerEnumType(TradeDirection, {
  name: 'TradeDirection',
  description: 'Which way a consignment moved, seen from the reporting country.',
});

/** How the offence was found. */
export enum DetectionMethod {
  ROUTINE_CHECK = 'ROUTINE_CHECK',
  RISK_PROFILE = 'RISK_PROFILE',
  INTELLIGENCE = 'INTELLIGENCE',
  SURVEILLANCE = 'SURVEILLANCE',
  COMPLAINT = 'COMPLAINT',
  CHANCE = 'CHANCE',
}
registerEnumType(DetectionMethod, { name: 'DetectionMethod', description: 'How the offence was found.' });

/** Criminal, administrative, or not yet determined; the three are counted apart. */
export enum OffenceNature {
  CRIMINAL = 'CRIMINAL',
  ADMINISTRATIVE = 'ADMINISTRATIVE',
  UNDETERMINED = 'UNDETERMINED',
}
registerEnumType(OffenceNature, {
  name: 'OffenceNature',
  description: 'Criminal, administrative, or not yet determined; the three are counted apart.',
});
