import { idAt, idToBytes, readFacts, signFacts, type Hash } from './signed-token';

/** Which candidate page a link opens (R-MAIL-1). Revoking raises the page's version: what was given out before is dead. */
export type CandidatePageLink = { organizationId: string; pageId: string; version: number };

const purpose = 'candidatePage';
const sizes = { factBytes: 16 + 16 + 4, signatureBytes: 16 };

export function candidatePageUrl(publicUrl: string, hash: Hash, link: CandidatePageLink): string {
  const version = Buffer.alloc(4);
  version.writeUInt32BE(link.version);
  const facts = Buffer.concat([idToBytes(link.organizationId), idToBytes(link.pageId), version]);
  return `${publicUrl}/messages/${signFacts(hash, purpose, facts, sizes.signatureBytes).toString('base64url')}`;
}

/** Undefined for whatever was not made here. */
export function readCandidatePageToken(hash: Hash, token: string): CandidatePageLink | undefined {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.toString('base64url') !== token) return undefined;
  const facts = readFacts(hash, purpose, bytes, sizes);
  return facts && { organizationId: idAt(facts, 0), pageId: idAt(facts, 1), version: facts.readUInt32BE(32) };
}
