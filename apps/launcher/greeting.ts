import type { DemoAccount } from './demo.js';

const SHOWN = ['HUB', 'NATIONAL_COORDINATOR'];

/** What is printed when Muster is ready: where to go, and how to sign in. */
export function greeting(url: string, demo: readonly DemoAccount[], demoFile: string, production: boolean): string {
  const lines = [`Muster is ready: ${url}`, `  GraphQL   ${url}/graphql`];
  if (!production) lines.push(`  GraphiQL  ${url}/graphiql`);
  const shown = SHOWN.flatMap((role) => demo.filter(({ roles }) => roles.includes(role)).slice(0, 1));
  if (shown.length > 0) {
    lines.push('Sign in with one of the demo accounts:');
    for (const { email, password, totpSecret, roles, country } of shown) {
      lines.push(`  ${email}  ${password}  (${roles.join(', ')}${country ? ` of ${country}` : ''})`);
      if (totpSecret !== undefined) lines.push(`    with a code of an authenticator app that was given ${totpSecret}`);
    }
    lines.push(`All ${demo.length} of them: ${demoFile}`);
  }
  lines.push('Ctrl-C ends it.');
  return lines.join('\n');
}
