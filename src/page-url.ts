import { candidatePageUrl, type CandidatePageLink } from './domain/candidate-page-link';
import { createKeyHash } from './seal';

/** Makes the links to candidate pages of this installation. */
export function createPageUrl({ publicUrl, hashKey }: { publicUrl: string; hashKey: Buffer }) {
  const hash = createKeyHash(hashKey);
  return (link: CandidatePageLink): string => candidatePageUrl(publicUrl, hash, link);
}
