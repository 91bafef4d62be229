import { isUuid } from '../sql';

/** The Message-ID of a mail of ours: it carries the id of what it was written for. */
export const messageIdFor = (id: string, from: string): string =>
  `<${id}@${from.split('@')[1] ?? 'localhost'}>`;

/** The ids that Message-IDs of ours carry; other programs' Message-IDs are left out. */
export const idsIn = (messageIds: string[]): string[] =>
  messageIds.map((messageId) => messageId.slice(1, 37)).filter(isUuid);
