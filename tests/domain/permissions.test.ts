import { roles, type Role } from '../../src/contracts/common';
import { optOutWord } from '../../src/domain/opt-out';
import {
  mayCloseChat,
  mayHandOver,
  mayManageVacancy,
  maySend,
  seesEverything,
  type ActingUser,
  type Actor,
} from '../../src/domain/permissions';

const user = (role: Role): ActingUser => ({ id: 'me', name: 'Me', role, accessToOwnBase: false });
const actor = (role: Role): Actor => ({ organizationId: 'o', user: user(role), apiKeyId: null });
const program: Actor = { organizationId: 'o', user: null, apiKeyId: 'k' };

/** The tables of the rules (R-ROLE-1…3), role by role. */
const table: Record<
  Role,
  {
    sees: boolean;
    writes: boolean;
    fromTray: boolean;
    asOwner: boolean;
    manages: boolean;
    unassigned: boolean;
  }
> = {
  administrator: { sees: true, writes: true, fromTray: true, asOwner: true, manages: true, unassigned: true },
  supervisor: { sees: true, writes: true, fromTray: true, asOwner: true, manages: true, unassigned: false },
  recruiter: { sees: true, writes: true, fromTray: true, asOwner: true, manages: true, unassigned: false },
  interviewer: {
    sees: false,
    writes: false,
    fromTray: true,
    asOwner: true,
    manages: false,
    unassigned: false,
  },
  collaborator: {
    sees: false,
    writes: false,
    fromTray: false,
    asOwner: false,
    manages: false,
    unassigned: false,
  },
  requisitioner: {
    sees: false,
    writes: false,
    fromTray: false,
    asOwner: false,
    manages: false,
    unassigned: false,
  },
  reviewer: {
    sees: false,
    writes: false,
    fromTray: false,
    asOwner: false,
    manages: false,
    unassigned: false,
  },
};

describe('the table of roles', () => {
  it.each(roles)('R-ROLE-1…3: %s', (role) => {
    expect({
      sees: seesEverything(actor(role)),
      writes: maySend(user(role), { fromTray: false, ownsChat: false }),
      fromTray: maySend(user(role), { fromTray: true, ownsChat: false }),
      asOwner: maySend(user(role), { fromTray: false, ownsChat: true }),
      manages: mayManageVacancy(actor(role), { assigned: true }),
      unassigned: mayManageVacancy(actor(role), { assigned: false }),
    }).toEqual(table[role]);
  });

  it.each(roles)('R-CHAT-4: closing as %s', (role) => {
    const maySendAtAll = table[role].fromTray;
    expect(mayCloseChat(user(role), { ownerId: 'me', responsibleUserId: null })).toBe(maySendAtAll);
    expect(mayCloseChat(user(role), { ownerId: 'x', responsibleUserId: 'me' })).toBe(maySendAtAll);
    expect(mayCloseChat(user(role), { ownerId: 'x', responsibleUserId: 'y' })).toBe(role === 'administrator');
  });

  it.each(roles)('R-CHAT-8: handing over as %s', (role) => {
    expect(mayHandOver(user(role), { ownerId: 'me' })).toBe(true);
    expect(mayHandOver(user(role), { ownerId: 'x' })).toBe(role === 'administrator');
  });

  it('a program sees and moves all of its organization; its scopes say what it may', () => {
    expect(seesEverything(program)).toBe(true);
    expect(mayManageVacancy(program, { assigned: false })).toBe(true);
  });
});

describe('opt-out words', () => {
  it.each([
    'STOP',
    'stop',
    ' Stop. ',
    'StopAll',
    'unsubscribe',
    'CANCEL',
    'end',
    'quit',
    'revoke',
    'OptOut',
    'STOP!',
  ])('%s stops', (word) => expect(optOutWord(word)).toBe('stop'));
  it.each(['START', 'unstop', ' start '])('%s undoes it', (word) => expect(optOutWord(word)).toBe('start'));
  it.each(['HELP', 'help', ' Help '])('%s asks', (word) => expect(optOutWord(word)).toBe('help'));
  it.each(['', 'stop it', 'please stop', 'help me', 'the end', 'nonstop', '.'])('%s means nothing', (word) =>
    expect(optOutWord(word)).toBeUndefined(),
  );
});
