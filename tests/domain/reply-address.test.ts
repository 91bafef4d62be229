import { candidatePageUrl, readCandidatePageToken } from '../../src/domain/candidate-page-link';
import { readReplyAddress, replyAddress } from '../../src/domain/reply-address';
import { createKeyHash } from '../../src/seal';

const hash = createKeyHash(Buffer.alloc(32, 1));
const other = createKeyHash(Buffer.alloc(32, 2));
const id = '0192f0c1-0000-7000-8000-0000000000ff';

it('a reply address names its thread, survives folded case, and is short enough for every mail server', () => {
  const address = replyAddress(hash, id, 'acme.example');
  const [localPart, domain] = address.split('@') as [string, string];
  expect(domain).toBe('acme.example');
  expect(localPart.length).toBeLessThanOrEqual(64);
  expect(readReplyAddress(hash, localPart.toUpperCase())).toBe(id);
});

it('a reply address of another key, or a changed one, names nothing', () => {
  const localPart = replyAddress(hash, id, 'acme.example').split('@')[0]!;
  expect(readReplyAddress(other, localPart)).toBeUndefined();
  expect(
    readReplyAddress(
      hash,
      localPart.replace(/.$/, (last) => (last === 'a' ? 'q' : 'a')),
    ),
  ).toBeUndefined();
  for (const wrong of ['reply+', 'reply', 'anna', `${localPart}a`])
    expect(readReplyAddress(hash, wrong)).toBeUndefined();
});

it('R-MAIL-1: the link of a candidate page carries its version, and no other key opens it', () => {
  const link = { organizationId: id, pageId: '0192f0c1-0000-7000-8000-0000000000aa', version: 7 };
  const token = candidatePageUrl('https://parley.example', hash, link).split('/').at(-1)!;
  expect(readCandidatePageToken(hash, token)).toEqual(link);
  expect(readCandidatePageToken(other, token)).toBeUndefined();
  expect(readCandidatePageToken(hash, `${token}A`)).toBeUndefined();
});
