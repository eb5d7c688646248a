import type { FieldCosts } from '#platform';

/**
 * What the schema itself does not say of its fields: how long unpaged lists are in a large operation (the 43 to 80 countries of a joint
 * operation, the two hundred and more of the world), and which fields do more than to write down what was read.
 */
export const fieldCosts: FieldCosts = {
  'Query.countries': { items: 250 },
  'Query.commodities': { items: 100 },
  'Query.riskIndicators': { items: 50 },
  'Query.agencies': { items: 200 },
  'Query.portUnits': { items: 100 },
  'Query.users': { items: 200 },
  'Query.operations': { items: 30 },
  'Query.failedReports': { items: 50 },
  'Query.feedFollowers': { items: 200 },
  'Query.readersOf': { items: 200 },
  'Query.imports': { items: 20 },
  'Query.exports': { items: 20 },
  'ImportMapping.columns': { items: 20 },
  'ImportMapping.constants': { items: 3 },
  'Query.auditHeads': { items: 50 },
  'RetentionDue.countries': { items: 80 },
  'Operation.participations': { items: 80 },
  'Participation.coordinators': { items: 3 },
  'PortUnit.postings': { items: 20 },
  'Violation.lines': { items: 4 },
  'Violation.versions': { items: 4 },
  'Violation.attachments': { items: 3 },
  'Seizure.lines': { items: 4 },
  'Seizure.attachments': { items: 3 },
  'Seizure.agencies': { items: 3 },
  'Seizure.riskIndicators': { items: 3 },
  'Consignment.cargoUnits': { items: 2 },

  // A page of the feed words each event anew, with the whole record in its payload.
  'FeedEvent.payload': { own: 50 },
  // Sums over the ledger of an operation, or of several.
  'Operation.summary': { own: 1_000 },
  // One statement for all operations of a list, and in it a look at the records of each.
  'Operation.findings': { own: 100 },
  'Operation.headCursor': { own: 100 },
  'Operation.readiness': { own: 100 },
  'Query.violationTrends': { own: 4_000 },
  // Each record is put together whole, with its versions and its entries of the log, and hashed.
  'RetainedRecord.content': { own: 50 },
  'Query.retentionDue': { own: 500 },
  'TrendResult.cells': { items: 1_000 },

  // A password is hashed, which takes tens of milliseconds and as many megabytes: a few in one request at most.
  '*(password)': { own: 70_000 },
  '*(currentPassword)': { own: 70_000 },

  // GraphiQL's question about the schema: some hundred and fifty types.
  '__Schema.types': { items: 150 },
  '__Type.fields': { items: 6 },
  '__Type.inputFields': { items: 2 },
  '__Type.enumValues': { items: 2 },
  '__Type.interfaces': { items: 1 },
  '__Type.possibleTypes': { items: 1 },
  '__Field.args': { items: 1 },
};
