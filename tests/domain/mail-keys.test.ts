import { createHash } from 'node:crypto';
import { candidatePageUrl } from '../../src/domain/candidate-page-link';
import { hideKeys } from '../../src/domain/mail-keys';
import { replyAddress } from '../../src/domain/reply-address';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const id = '01a203e3-2e64-762a-99b8-c9ea96db7cd1';
const address = replyAddress(hash, id, 'bright.parley.test');
const url = candidatePageUrl('https://parley.example', hash, { organizationId: id, pageId: id, version: 1 });

it('R-MAIL-1: what is quoted lets nobody write as the candidate, or as whom a mail was for', () => {
  expect(hideKeys(`On Monday, ${address} wrote:\n> See message: ${url}\n> Thanks`)).toBe(
    'On Monday, reply@bright.parley.test wrote:\n> See message: https://parley.example/messages/\n> Thanks',
  );
  expect(hideKeys(`<a href="${url}">See message</a>`)).toBe(
    '<a href="https://parley.example/messages/">See message</a>',
  );
});

it('finds them where a mail server has broken the line', () => {
  const broken = (text: string) => `${text.slice(0, -25)}=\r\n${text.slice(-25)}`;
  expect(hideKeys(`${broken(address)} ${broken(url)}\r\n`)).toBe(
    'reply@bright.parley.test https://parley.example/messages/\r\n',
  );
});

it('leaves everything else as it is', () => {
  const text = 'reply+team@bright.example, https://elsewhere.example/messages/42';
  expect(hideKeys(text)).toBe(text);
});
