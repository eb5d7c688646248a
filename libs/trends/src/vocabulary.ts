import { registerEnumType } from '@nestjs/graphql';

/** What a trend adds up. */
export enum TrendMeasure {
  VIOLATIONS = 'VIOLATIONS',
  QUANTITY_KG = 'QUANTITY_KG',
  VALUE_USD = 'VALUE_USD',
  PERSONS = 'PERSONS',
  COMPANIES = 'COMPANIES',
}
registerEnumType(TrendMeasure, { name: 'TrendMeasure', description: 'What a trend adds up.' });

/** What a trend is split by. */
export enum TrendDimension {
  OPERATION = 'OPERATION',
  COUNTRY = 'COUNTRY',
  REGION = 'REGION',
  DAY = 'DAY',
  WEEK = 'WEEK',
  MONTH = 'MONTH',
  CRIME_AREA = 'CRIME_AREA',
  NATURE = 'NATURE',
  AGREEMENT = 'AGREEMENT',
  COMMODITY = 'COMMODITY',
  SCENE = 'SCENE',
  TRANSPORT_MODE = 'TRANSPORT_MODE',
  DIRECTION = 'DIRECTION',
  ORIGIN_COUNTRY = 'ORIGIN_COUNTRY',
  ORIGIN_REGION = 'ORIGIN_REGION',
  DESTINATION_COUNTRY = 'DESTINATION_COUNTRY',
  DESTINATION_REGION = 'DESTINATION_REGION',
  FLOW_SCOPE = 'FLOW_SCOPE',
  FLAG_STATE = 'FLAG_STATE',
  DETECTION = 'DETECTION',
  LEAD_AGENCY_KIND = 'LEAD_AGENCY_KIND',
  SOURCE = 'SOURCE',
  PORT_UNIT = 'PORT_UNIT',
  RISK_INDICATOR = 'RISK_INDICATOR',
}
registerEnumType(TrendDimension, { name: 'TrendDimension', description: 'What a trend is split by.' });

/** Whether a coordinator (or agency officer) logged the violation, or a port unit reported it. */
export enum ViolationSource {
  COORDINATOR = 'COORDINATOR',
  PORT_UNIT = 'PORT_UNIT',
}
registerEnumType(ViolationSource, {
  name: 'ViolationSource',
  description: 'Whether a coordinator (or agency officer) logged the violation, or a port unit reported it.',
});
