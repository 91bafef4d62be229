// Every address of the web inbox, for links.
const query = (values: Record<string, string | undefined>): string => {
  const entries = Object.entries(values).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries).toString()}`;
};

/** `messageId`: jumps to it; `reply`: to answer it. */
type Place = { tab?: string | undefined; messageId?: string; reply?: boolean };

const placeQuery = ({ tab, messageId, reply }: Place) => ({
  tab,
  message: messageId,
  reply: reply ? 'yes' : undefined,
});

export const paths = {
  inbox: (conversationId?: string, messageId?: string) =>
    conversationId ? `/inbox/${conversationId}${query({ message: messageId })}` : '/inbox',
  /** The user's own mailbox; `q`: what is searched for there. */
  mail: (folder?: string, mailId?: string, q?: string) =>
    `${['/mail', folder, mailId].filter(Boolean).join('/')}${query({ q })}`,
  vacancies: () => '/vacancies',
  /** The board of a vacancy. */
  board: (vacancyId: string) => `/vacancies/${vacancyId}`,
  people: () => '/people',
  importPeople: () => '/people/import',
  employers: () => '/people?view=employer',
  employer: (employerId: string, tab?: string) => `/people/employers/${employerId}${query({ tab })}`,
  /** Candidate or contact; `tab`: whatsapp, messages, timeline, … */
  person: (personId: string, place: Place = {}) => `/people/${personId}${query(placeQuery(place))}`,
  /** A candidate on one vacancy (Match). */
  match: (applicationId: string, place: Place = {}) =>
    `/applications/${applicationId}${query(placeQuery(place))}`,
  /** Messages to many. */
  sends: () => '/sends',
  send: (bulkSendId: string) => `/sends/${bulkSendId}`,
  reports: () => '/reports',
  heldMails: () => '/held-mails',
  settings: (section?: string, item?: string) => ['/settings', section, item].filter(Boolean).join('/'),
  account: () => '/account',
  /** The public application form. */
  apply: (token: string) => `/apply/${token}`,
  signIn: (next?: string) => `/sign-in${query({ next })}`,
  forgotPassword: () => '/forgot-password',
};
