/** Mail servers may have broken a line within it (quoted-printable). */
const keyOf = (letters: string, count: number): string => `(?:(?:=\\r?\\n)?${letters}){${count}}`;

const inReplyAddress = new RegExp(`reply\\+${keyOf('[a-z2-7]', 42)}@`, 'gi');
const inPageLink = new RegExp(`(/messages/)${keyOf('[\\w-]', 70)}(?![\\w-])`, 'g');

/**
 * Whoever sees a mail need not be the one whom its reply address and its link to the candidate page let answer: both are shown without
 * what opens them. They come along in what is quoted.
 */
export const hideKeys = (text: string): string =>
  text.replace(inReplyAddress, 'reply@').replace(inPageLink, '$1');

/** The same of a message as it is shown, which may name a link by a variable. */
export const withoutKeys = <Shown extends { body: string | null } | null>(message: Shown): Shown =>
  message?.body ? { ...message, body: hideKeys(message.body) } : message;
