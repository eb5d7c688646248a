import { INVITATION_DAYS, Invitations } from '#identity';
import { Database, notFound, partOfMuster, prepared, readConfig } from '#platform';

import { type Command, expectArguments } from '../command.js';
import { withServices } from '../context.js';

const CONSOLE = partOfMuster('console');

export const resetAccount: Command = {
  usage: 'reset-account EMAIL',
  does: 'Gives a person who lost password or second factor a new invitation, also the only administrator.',
  async run(args) {
    expectArguments(args, 1, 1);
    const [email = ''] = args;
    const { user, token } = await withServices(readConfig(), async (services) => {
      const [person] = await services
        .get(Database)
        .read(CONSOLE, (tx) =>
          prepared<{ id: string }>(tx, 'SELECT id FROM users WHERE email = $1', [email.trim().toLowerCase()]),
        );
      if (!person) throw notFound();
      return services.get(Invitations).reset(CONSOLE, person.id);
    });
    console.log(`Password, second factors and sessions of ${user.email} have ended. A new password is set with`);
    console.log(`  mutation { acceptInvitation(token: "${token}", password: "…") { accessToken } }`);
    console.log(`The token works once, for ${INVITATION_DAYS} days.`);
  },
};
