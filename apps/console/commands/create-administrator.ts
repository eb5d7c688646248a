import { Grants, INVITATION_DAYS, Invitations } from '#identity';
import { type Actor, Database, partOfMuster, readConfig, Role } from '#platform';

import { type Command, expectArguments } from '../command.js';
import { withServices } from '../context.js';

const STANDING = { operationId: null, country: null, unitId: null } as const;

/** Whoever may run commands beside the database may make the first administrator, whom nobody else could invite. */
const CONSOLE: Actor = {
  ...partOfMuster('console'),
  grants: [{ role: Role.ADMINISTRATOR, ...STANDING, participation: null }],
};

export const createAdministrator: Command = {
  usage: 'create-administrator EMAIL NAME',
  does: 'Invites an administrator, the first account of an installation, and prints the token to open it with.',
  async run(args) {
    expectArguments(args, 2, 2);
    const [email = '', name = ''] = args;
    const { user, token } = await withServices(readConfig(), async (services) => {
      const invitation = await services.get(Invitations).invite(CONSOLE, { email, name });
      await services
        .get(Database)
        .write(CONSOLE, (tx) =>
          services.get(Grants).give(tx, CONSOLE, { userId: invitation.user.id, role: Role.ADMINISTRATOR, ...STANDING }),
        );
      return invitation;
    });
    console.log(`${user.email} administers this installation as soon as the invitation is accepted, with`);
    console.log(`  mutation { acceptInvitation(token: "${token}", password: "…") { accessToken } }`);
    console.log(
      'and a second factor is enrolled in that session: a passkey (beginPasskey), or an authenticator app with',
    );
    console.log('  mutation { beginTotp(password: "…") { uri } }   and   mutation { confirmTotp(code: "…") }');
    console.log(`The token works once, for ${INVITATION_DAYS} days. Run the command again for a new one.`);
  },
};
