/** The demo operations as plain data; the loader feeds them to the services. */
export { publishedTotals } from './action-cases.js';
export * from './container-control.js';
export { coordinatorCountries } from './countries.js';
export * from './demeter.js';
export * from './people.js';
export * from './records.js';
export * from './thirty-days-at-sea.js';
export { actionFindings, actionViolations, thirtyDaysOfAction } from './thirty-days-of-action.js';
