import { candidatePageUrl, type CandidatePageLink } from './domain/candidate-page-link';
import { createKeyHash } from './seal';

/** Makes the links to candidate pages of this installation. */
export function createPageUrl({ publicUrl, secretKey }: { publicUrl: string; secretKey: Buffer }) {
  const hash = createKeyHash(secretKey);
  return (link: CandidatePageLink): string => candidatePageUrl(publicUrl, hash, link);
}
