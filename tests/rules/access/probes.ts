import { v7 } from 'uuid';

import { hours, seizureInput, violationInput } from '../../setup/scene.js';
import type { Marked } from './records.js';
import type { House, Viewer } from './viewers.js';

/** A request of one field, with what it is asked with. */
export interface Probe {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A version that no record has. */
const LATE = 999;
const REASON = 'As the test needs it.';

/** How a field is asked about one record: in a way that changes nothing, also by who may. */
export const RECORD_PROBES: Readonly<
  Record<string, (record: Pick<Marked, 'id' | 'attachmentId'>, viewer: Viewer, house: House) => Probe>
> = {
  violation: ({ id }) => ({ query: `query ($id: UUID!) { violation(id: $id) { id } }`, variables: { id } }),
  seizure: ({ id }) => ({ query: `query ($id: UUID!) { seizure(id: $id) { id } }`, variables: { id } }),
  correctViolation: ({ id }, _, house) => {
    const { operationId: _o, id: _i, sharing: _s, ...input } = violationInput('', house.agencies.get('KE') ?? '');
    return {
      query: `mutation ($id: UUID!, $version: Int!, $reason: String!, $input: CorrectViolationInput!) {
        correctViolation(id: $id, expectedVersion: $version, reason: $reason, input: $input) { id } }`,
      variables: { id, version: LATE, reason: REASON, input: { ...input, detectedAt: hours(-2) } },
    };
  },
  changeSharing: ({ id }) => ({
    query: `mutation ($id: UUID!, $version: Int!, $reason: String!, $sharing: SharingInput!) {
      changeSharing(id: $id, expectedVersion: $version, reason: $reason, sharing: $sharing) { id } }`,
    variables: { id, version: LATE, reason: REASON, sharing: { level: 'CLEAR' } },
  }),
  withdrawViolation: ({ id }) => ({
    query: `mutation ($id: UUID!, $version: Int!, $reason: String!) {
      withdrawViolation(id: $id, expectedVersion: $version, reason: $reason) { id } }`,
    variables: { id, version: LATE, reason: REASON },
  }),
  decideSeizure: ({ id }) => ({
    query: `mutation ($id: UUID!, $version: Int!, $reason: String!) {
      decideSeizure(id: $id, expectedVersion: $version, accept: true, reason: $reason) { id } }`,
    variables: { id, version: LATE, reason: REASON },
  }),
  resendReport: ({ id }) => ({ query: `mutation ($id: UUID!) { resendReport(seizureId: $id) }`, variables: { id } }),
  readersOf: ({ id }) => ({
    query: `query ($id: UUID!) { readersOf(recordId: $id) { kind country times } }`,
    variables: { id },
  }),
  addAttachment: ({ id, attachmentId }) => ({
    query: `mutation ($id: UUID!, $input: AttachmentInput!) { addAttachment(recordId: $id, input: $input) { id } }`,
    variables: { id, input: { id: attachmentId, name: 'another.jpg', size: 2_000, sha256: 'b'.repeat(64) } },
  }),
  attachmentLink: ({ id, attachmentId }) => ({
    query: `mutation ($id: UUID!, $attachment: UUID!) { attachmentLink(recordId: $id, id: $attachment) { url } }`,
    variables: { id, attachment: attachmentId },
  }),
  'attachmentLink, original': ({ id, attachmentId }) => ({
    query: `mutation ($id: UUID!, $attachment: UUID!) {
      attachmentLink(recordId: $id, id: $attachment, original: true) { url } }`,
    variables: { id, attachment: attachmentId },
  }),
  setLegalHold: ({ id }) => ({
    query: `mutation ($id: UUID!) { setLegalHold(recordId: $id, reason: "") { reason } }`,
    variables: { id },
  }),
  endLegalHold: ({ id }) => ({
    query: `mutation ($id: UUID!) { endLegalHold(recordId: $id, reason: "") { reason } }`,
    variables: { id },
  }),
};

/** How a field is asked about an operation. @param participationId of country A, in the operation */
export const OPERATION_PROBES: Readonly<
  Record<string, (operationId: string, participationId: string, viewer: Viewer) => Probe>
> = {
  operation: (id) => ({
    query: `query ($id: UUID!) { operation(id: $id) { id version phase headCursor readiness summary { asOf protected }
      participations { country status } findings { id } } }`,
    variables: { id },
  }),
  riskIndicators: (id) => ({
    query: `query ($id: UUID!) { riskIndicators(operationId: $id) { code } }`,
    variables: { id },
  }),
  operationFeed: (id) => ({
    query: `query ($id: UUID!) { operationFeed(operationId: $id, first: 1) { cursor hasMore } }`,
    variables: { id },
  }),
  violations: (id) => ({
    query: `query ($id: UUID!) { violations(operationId: $id, first: 1) { totalCount } }`,
    variables: { id },
  }),
  seizures: (id) => ({
    query: `query ($id: UUID!) { seizures(operationId: $id, first: 1) { totalCount } }`,
    variables: { id },
  }),
  violationTrends: (id) => ({
    query: `query ($id: UUID!) { violationTrends(query: { operationIds: [$id], measure: VIOLATIONS, groupBy: [COUNTRY] }) {
      cells { key value suppressed perturbed } } }`,
    variables: { id },
  }),
  failedReports: (id) => ({
    query: `query ($id: UUID!) { failedReports(operationId: $id) { seizureId } }`,
    variables: { id },
  }),
  feedFollowers: (id) => ({
    query: `query ($id: UUID!) { feedFollowers(operationId: $id) { userId countries eventsBehind secondsBehind } }`,
    variables: { id },
  }),
  auditLog: (id) => ({
    query: `query ($id: UUID) { auditLog(operationId: $id, first: 200) {
      edges { node { action subjectId version country part details actor { id name } } } } }`,
    variables: { id },
  }),
  auditHeads: (id) => ({
    query: `query ($id: UUID) { auditHeads(operationId: $id) { commitment } }`,
    variables: { id },
  }),
  updateOperation: (id) => ({
    query: `mutation ($id: UUID!, $version: Int!, $reason: String!) {
      updateOperation(id: $id, expectedVersion: $version, reason: $reason, input: { codeName: "Another" }) { id } }`,
    variables: { id, version: LATE, reason: REASON },
  }),
  moveOperation: (id) => ({
    query: `mutation ($id: UUID!, $version: Int!, $reason: String!) {
      moveOperation(id: $id, to: POST_OPERATIONAL, expectedVersion: $version, reason: $reason) { id } }`,
    variables: { id, version: LATE, reason: REASON },
  }),
  setRiskIndicators: (id) => ({
    query: `mutation ($id: UUID!) { setRiskIndicators(operationId: $id, codes: ["no.such-sign"]) { code } }`,
    variables: { id },
  }),
  inviteCountries: (id) => ({
    query: `mutation ($id: UUID!) { inviteCountries(operationId: $id, countries: ["QQ"]) { id } }`,
    variables: { id },
  }),
  publishFindings: (id) => ({
    query: `mutation ($id: UUID!) { publishFindings(operationId: $id, title: "A", text: "B", asOf: "none") { id } }`,
    variables: { id },
  }),
  logViolation: (operationId, _, { agencyId }) => ({
    query: `mutation ($input: LogViolationInput!) { logViolation(input: $input) { id } }`,
    variables: { input: { ...violationInput(operationId, agencyId), lines: [] } },
  }),
  reportSeizure: (operationId, _, { unitId }) => ({
    query: `mutation ($input: ReportSeizureInput!) { reportSeizure(input: $input) { id } }`,
    variables: { input: { ...seizureInput(operationId, unitId), lines: [] } },
  }),
  importReports: (operationId, _, { agencyId }) => ({
    query: `mutation ($input: ImportReportsInput!) { importReports(input: $input) { id } }`,
    variables: {
      input: { id: v7(), operationId, agencyId, uploadId: v7(), format: 'CSV', sharing: { level: 'AMBER' } },
    },
  }),
  imports: (id) => ({
    query: `query ($id: UUID!) { imports(operationId: $id) { id fileName country } }`,
    variables: { id },
  }),
  importTemplate: (id) => ({
    query: `query ($id: UUID!) { importTemplate(operationId: $id, format: CSV) { fileName } }`,
    variables: { id },
  }),
  exportReports: (operationId) => ({
    query: `mutation ($input: ExportReportsInput!) { exportReports(input: $input) { id } }`,
    variables: { input: { id: '00000000-0000-4000-8000-000000000000', operationId, format: 'CSV' } },
  }),
  exports: (id) => ({
    query: `query ($id: UUID!) { exports(operationId: $id) { id recordsWritten } }`,
    variables: { id },
  }),
  answerInvitation: (_, participationId) => ({
    query: `mutation ($input: AnswerInvitationInput!) { answerInvitation(input: $input) { id } }`,
    variables: { input: { participationId, accept: false } },
  }),
  withdrawParticipation: (_, participationId) => ({
    query: `mutation ($id: UUID!) { withdrawParticipation(participationId: $id, reason: "") { id } }`,
    variables: { id: participationId },
  }),
  certifyFigures: (_, participationId) => ({
    query: `mutation ($id: UUID!) { certifyFigures(participationId: $id, asOf: "none") { id } }`,
    variables: { id: participationId },
  }),
  sharingCeiling: (id) => ({
    query: `query ($id: UUID) { sharingCeiling(country: "KE", operationId: $id) { version } }`,
    variables: { id },
  }),
  setSharingCeiling: (id) => ({
    query: `mutation ($id: UUID, $version: Int!, $reason: String!) {
      setSharingCeiling(country: "KE", operationId: $id, expectedVersion: $version, reason: $reason) { version } }`,
    variables: { id, version: LATE, reason: REASON },
  }),
  setRetention: (id) => ({
    query: `mutation ($id: UUID!, $version: Int!, $reason: String!) {
      setRetention(id: $id, expectedVersion: $version, reason: $reason, months: 12) { id } }`,
    variables: { id, version: LATE, reason: REASON },
  }),
  retentionDue: (id) => ({
    query: `query ($id: UUID!) { retentionDue(operationId: $id) { __typename } }`,
    variables: { id },
  }),
  retentionExport: (id) => ({
    query: `query ($id: UUID!) { retentionExport(operationId: $id, country: "KE") { __typename } }`,
    variables: { id },
  }),
  confirmRetentionExport: (id) => ({
    query: `mutation ($id: UUID!) { confirmRetentionExport(operationId: $id, country: "KE", receipts: []) }`,
    variables: { id },
  }),
  grantRole: (operationId) => ({
    query: `mutation ($input: GrantRoleInput!) { grantRole(input: $input) { id } }`,
    variables: { input: { operationId, role: 'OBSERVER', userId: v7() } },
  }),
};

/** How a field is asked that concerns no record. @param email of somebody who has an account */
export const PLATFORM_PROBES: Readonly<Record<string, (house: House, email: string) => Probe>> = {
  me: () => ask('{ me { user { id name email } grants { role country operationId } agency { name } } }'),
  agencies: () => ask('{ agencies { id name country } }'),
  portUnits: () => ask('{ portUnits { id name country agencies { id } postings { id } } }'),
  countries: () => ask('{ countries { code name } }'),
  commodities: () => ask('{ commodities { code name } }'),
  passkeys: () => ask('{ passkeys { id } }'),
  sessions: () => ask('{ sessions { id } }'),
  users: () => ask('{ users(country: "KE") { id name } }'),
  auditLog: () => ask('{ auditLog(first: 200) { edges { node { action subjectId version country details } } } }'),
  auditHeads: () => ask('{ auditHeads { commitment } }'),
  identityProviders: () => ask('{ identityProviders { id } }'),
  signInProviders: () => ask('{ signInProviders { __typename } }'),
  createOperation: () =>
    ask(
      `mutation { createOperation(input: { codeName: "A", crimeAreas: [OTHER], timeZone: "Nowhere", operationalStartsOn: "2030-01-01" }) { id } }`,
    ),
  createAgency: () => ask(`mutation { createAgency(name: "", kind: CUSTOMS, country: "KE") { id } }`),
  createPortUnit: () =>
    ask(
      `mutation { createPortUnit(name: "", kind: SEA_PORT, country: "KE", unlocode: "KEMBA", agencyIds: []) { id } }`,
    ),
  postOfficer: ({ units }) => ({
    query: `mutation ($unitId: UUID!, $userId: UUID!) { postOfficer(unitId: $unitId, userId: $userId, from: "2030-01-01") { id } }`,
    variables: { unitId: units.get('KE') ?? '', userId: v7() },
  }),
  inviteUser: ({ agencies }, email) => ({
    query: `mutation ($input: InviteUserInput!) { inviteUser(input: $input) { token } }`,
    variables: { input: { email, name: 'Somebody', agencyId: agencies.get('KE') ?? '' } },
  }),
  endGrant: () => about('mutation ($id: UUID!) { endGrant(id: $id) }'),
  resetAccount: () => about('mutation ($id: UUID!) { resetAccount(userId: $id) { token } }'),
  registerIdentityProvider: () => ({
    query: `mutation ($input: RegisterProviderInput!) { registerIdentityProvider(input: $input) { id } }`,
    variables: {
      input: { name: '', issuer: 'no url', clientId: '', clientSecret: '', agencyId: v7(), emailDomains: [] },
    },
  }),
  removeIdentityProvider: () => about('mutation ($id: UUID!) { removeIdentityProvider(id: $id) }'),
  import: () => about('query ($id: UUID!) { import(id: $id) { id } }'),
  export: () => about('query ($id: UUID!) { export(id: $id) { id } }'),
  importMapping: () => ask('{ importMapping(country: "KE") { decimalComma } }'),
  endSession: () => about('mutation ($id: UUID!) { endSession(id: $id) }'),
  addPasskey: () => ask('mutation { addPasskey(name: "A", answer: {}) { passkey { id } } }'),
  beginPasskey: () => ask('mutation { beginPasskey }'),
  beginTotp: () => ask('mutation { beginTotp { __typename } }'),
  changePassword: () => ask('mutation { changePassword(currentPassword: "a", newPassword: "b") }'),
  confirmTotp: () => ask('mutation { confirmTotp(code: "000000") }'),
  endOtherSessions: () => ask('mutation { endOtherSessions }'),
  removePasskey: () => about('mutation ($id: UUID!) { removePasskey(id: $id) }'),
  removeTotp: () => ask('mutation { removeTotp(otp: "000000") }'),
  renamePasskey: () => about('mutation ($id: UUID!) { renamePasskey(id: $id, name: "A") { id } }'),
  renewRecoveryCodes: () => ask('mutation { renewRecoveryCodes }'),
  signOut: () => ask('mutation { signOut }'),
  acceptInvitation: () =>
    ask('mutation { acceptInvitation(token: "none", password: "a long password of nobody") { expiresAt } }'),
  beginPasskeySignIn: () => ask('mutation { beginPasskeySignIn }'),
  refreshSession: () => ask('mutation { refreshSession(refreshToken: "none") { expiresAt } }'),
  signIn: () => ask('mutation { signIn(email: "nobody@muster.example", password: "none") { expiresAt } }'),
  signInByProvider: () => ask('mutation { signInByProvider(code: "none", verifier: "none") { expiresAt } }'),
  signInWithPasskey: () => ask('mutation { signInWithPasskey(answer: {}) { expiresAt } }'),
};

function ask(query: string): Probe {
  return { query, variables: {} };
}

/** About an id that nobody has. */
function about(query: string): Probe {
  return { query, variables: { id: v7() } };
}
