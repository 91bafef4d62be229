import type { MailboxType, MappedFolder, MailSecurity, SignInOutcome } from '../../../contracts/mailboxes';

/** The words of a user's e-mail settings. */
export const emailSettingsText = {
  title: 'Email settings',
  titleOf: (name: string) => `Email settings of ${name}`,
  intro: 'Mail to and from people in Parley is put into their files; everything else only you see.',
  introOfUser:
    'Mail to and from people in Parley is put into their files; everything else only the user sees.',
  systemAddress: 'System address',
  systemAddressHint: 'Parley receives mail here by itself. Other accounts can be forwarded to it.',
  fromAddress: 'Outgoing e-mail address',
  fromAddressHint: (systemAddress: string | null) =>
    systemAddress === null ? undefined : `Left empty, mail is sent as ${systemAddress}.`,
  signature: 'Signature',
  signatureHint: 'Put under mail that is written in the mailbox.',
  incoming: 'Incoming mail',
  fetch: 'Fetch email from mail server',
  keepCopy: 'Keep a copy of fetched emails on the mail server',
  keepCopyHint: 'Only for POP. With IMAP everything stays on the mail server.',
  noCopyHint: 'Without a copy each email is removed from the mail server once it is in Parley.',
  remove: 'Remove from server after some days',
  removeAfterDays: 'Days on the mail server',
  wrongDays: 'A number from 1 to 3650.',
  type: 'Type',
  types: { imap: 'IMAP', pop: 'POP' } satisfies Record<MailboxType, string>,
  host: 'Mail server',
  hostHint: 'As your e-mail provider says, e.g. mail.example.com.',
  username: 'User name',
  usernameHint: 'Mostly the whole e-mail address.',
  password: 'Password',
  passwordKept: 'Stored, and never shown. Leave it empty to keep it.',
  security: 'Security',
  securities: { tls: 'TLS', ssl: 'SSL', none: 'None (not advised)' } satisfies Record<MailSecurity, string>,
  noneWarning:
    'Without encryption everybody on the way can read the password and the mail. Choose TLS, or SSL if TLS is not possible.',
  port: 'Port',
  portHint: (standard: number) => `Left empty: ${standard}.`,
  wrongPort: 'A number from 1 to 65535.',
  appPassword:
    'Gmail, Yahoo, iCloud and others with two-step verification do not take the usual password: make an app password in the security settings of the account there, and enter it here.',
  forwardInstead: (systemAddress: string) =>
    `Accounts that allow sign-in by OAuth alone, such as most of Microsoft 365, cannot be fetched from. Forward their mail to ${systemAddress}.`,
  connectsFrom: (addresses: string[]) =>
    addresses.length === 0
      ? 'Where a firewall decides who may connect, ask whoever runs Parley for the addresses that it connects from.'
      : `Parley connects from ${addresses.join(', ')}. Where a firewall decides who may connect, let ${addresses.length === 1 ? 'this address' : 'these addresses'} through.`,
  outgoing: 'Outgoing mail',
  ownServer: 'Send through my own mail server',
  ownServerOfUser: 'Send through their own mail server',
  ownServerHint: 'Otherwise mail leaves through the server of this installation.',
  outgoingHost: 'Mail server for sending',
  outgoingUsernameHint: 'Left empty: the server wants no login.',
  signIn: {
    intro:
      'In place of a password: you are sent to your provider, and come back here. Parley never sees the password.',
    with: (name: string) => `Sign in with ${name}`,
    byUser: (names: string) =>
      `In place of a password the user can sign in with ${names}. Only they can do that, in their own My account.`,
    signedIn: (name: string) => `Signed in with ${name} as`,
    ended: (name: string) => `The sign-in with ${name} has ended:`,
    againByUser: 'Only the user can sign in again, in their own My account.',
    again: 'Sign in again',
    usePassword: 'Use a password',
    keepSignIn: 'Keep the sign-in',
    signOut: (name: string) => `Sign out of ${name}`,
    signedOut: 'Signed out. No e-mail is fetched any more.',
    leftAtProvider: (name: string) =>
      `${name} was not told, and may still list Parley among the programs that have access. That can be removed in the account there.`,
    sendBy: (name: string) => `Send by ${name}`,
    sendByHint: 'With the same sign-in. Otherwise mail leaves by the server of this installation.',
    outcomes: {
      done: 'Signed in. The mail is being fetched.',
      denied: 'The sign-in was cancelled at the provider. Nothing has changed.',
      expired:
        'This sign-in is over: it holds for ten minutes, once, and in the browser where it was begun. Begin again.',
      refused:
        'The provider did not take the sign-in. Try again; if that does not help, ask whoever runs Parley.',
      unreachable: 'The provider does not answer. Try again in a moment.',
      no_address:
        'The provider does not say which e-mail address this is. Whoever runs Parley can add the scopes “openid email”.',
      no_refresh:
        'The provider lets Parley in for an hour only. Whoever runs Parley can add the scope “offline_access”.',
    } satisfies Record<SignInOutcome, string>,
  },
  missing: 'This is needed.',
  save: 'Save',
  saved: 'Email settings saved',
  test: 'Test connection',
  testing: 'Connecting…',
  testOk: 'The connection works.',
  serverSaid: (detail: string) => `The server said: ${detail}`,
  editFolders: 'Edit folders',
  fetchNow: 'Fetch now',
  fetching: 'Mail is being fetched',
  states: {
    off: 'No e-mail is fetched',
    connecting: 'Connecting',
    importing: 'Importing',
    ready: 'Connected',
    failing: 'Failing',
  },
  notFetched: 'Your e-mail cannot be fetched at the moment.',
  seeWhy: 'See why',
  fetched: 'Last fetched:',
  failingSince: 'Since:',
  importing: (done: number, total: number) =>
    `${done.toLocaleString('en')} of ${total.toLocaleString('en')} mails imported`,
  importLabel: 'Import of the mailbox',
  folders: {
    title: 'Edit folders',
    intro: 'Which folder of the mail server is what in Parley. Folders that are not read stay untouched.',
    loading: 'Asking the mail server for its folders…',
    none: 'Not read',
    names: {
      inbox: 'Inbox',
      sent: 'Sent',
      archive: 'Archive',
      junk: 'Junk',
      trash: 'Trash',
    } satisfies Record<MappedFolder, string>,
    noSent:
      'No folder is mapped to Sent: mail sent elsewhere is not read, and mail sent from Parley is not put there.',
    save: 'Save folders',
    saved: 'Folders saved. The mail is being fetched.',
    again: 'Try again',
  },
};
