import { readUnsubscribeToken, unsubscribeUrl } from '../../src/domain/unsubscribe-link';
import { createKeyHash } from '../../src/seal';

const hash = createKeyHash(Buffer.alloc(32, 7));
const link = {
  organizationId: '01890000-0000-7000-8000-000000000001',
  messageId: '01890000-0000-7000-8000-000000000002',
  keyHash: hash('uma@candidate.example'),
};
const token = unsubscribeUrl('https://parley.example', hash, link).split('/').at(-1)!;

describe('unsubscribe links', () => {
  it('say whose address and which mail, to who holds the key', () => {
    expect(readUnsubscribeToken(hash, token)).toEqual(link);
    expect(unsubscribeUrl('https://parley.example', hash, link)).toMatch(
      /^https:\/\/parley\.example\/unsubscribe\/[\w-]+$/,
    );
  });

  it('cannot be made or changed by others', () => {
    const other = createKeyHash(Buffer.alloc(32, 8));
    expect(readUnsubscribeToken(other, token)).toBeUndefined();
    for (const at of [0, 20, 60, 100]) {
      const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
      expect(readUnsubscribeToken(hash, changed)).toBeUndefined();
    }
    for (const wrong of ['', 'x', `${token}=`, token.slice(1), `${token}AA`])
      expect(readUnsubscribeToken(hash, wrong)).toBeUndefined();
  });
});
