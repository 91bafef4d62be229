import type { Brand } from '../../contracts/common';
import { brandInMail } from '../../domain/brand';
import { candidatePageUrl } from '../../domain/candidate-page-link';
import { replyAddress } from '../../domain/reply-address';
import type { Hash } from '../../domain/signed-token';
import type { ConversationIds } from '../conversations/conversation-store';
import type { Database } from '../database';
import { brandSql } from '../organization/brand';
import { touchCandidatePages } from '../candidate-pages/candidate-pages';
import { mailDomainInUseSql, mailDomainSql } from './mail-domain';
import { replyAddressesOfPeople } from './reply-addresses';

/** What stands on the outside of a message that goes by e-mail. */
export type MailEnvelope = {
  /** The organization's mail domain; null: answers go to the user's own mailbox, and Parley does not hear of them. */
  mailDomain: string | null;
  /** Takes the answers, and what bounces. */
  replyTo: string | null;
  /** The candidate's page (R-MAIL-1); contacts have none. */
  pageUrl: string | null;
  /** R-MAIL-3 */
  mayAnswerOnPage: boolean;
  /** Message-IDs of the thread, oldest first. */
  references: string[];
  brand: Brand;
  /** DKIM of the organization's own domain. */
  dkim: { domain: string; selector: string; keySealed: Buffer } | null;
};

export type EnvelopeContext = {
  hashKey: Hash;
  /** Where browsers reach us; no trailing slash. */
  publicUrl: string;
  /** PARLEY_MAIL_DOMAIN */
  mailDomain: string | null;
};

const referencesAtMost = 10;

/** Made when the message is about to leave: its page lives from then on, and its thread is what was said by then. */
export async function mailEnvelope(
  db: Database,
  context: EnvelopeContext,
  { organizationId }: Pick<ConversationIds, 'organizationId'>,
  messageId: string,
): Promise<MailEnvelope> {
  return (await mailEnvelopes(db, context, { organizationId }, [messageId])).get(messageId)!;
}

/** The same for many, in one transaction; by the messages' ids. */
export async function mailEnvelopes(
  db: Database,
  { hashKey, publicUrl, mailDomain }: EnvelopeContext,
  { organizationId }: Pick<ConversationIds, 'organizationId'>,
  messageIds: string[],
): Promise<Map<string, MailEnvelope>> {
  return db.transact(async (tx) => {
    const messages = await tx.query<{
      id: string;
      conversationId: string;
      personId: string;
      kind: 'candidate' | 'contact';
      applicationId: string | null;
      mayAnswerOnPage: boolean;
      mailDomain: string | null;
      brand: Brand;
      dkim: { domain: string; selector: string; keySealed: string } | null;
      references: string[];
    }>(
      `select m.id, m.conversation_id as "conversationId", c.person_id as "personId", p.kind, m.application_id as "applicationId", a.rejected_at is null as "mayAnswerOnPage", ${mailDomainSql('o', '$3')} as "mailDomain", ${brandSql('o')} as brand,
         (select jsonb_build_object('domain', d.domain, 'selector', d.dkim_selector, 'keySealed', encode(d.dkim_key_sealed, 'base64'))
          from mail_domains d where d.organization_id = o.id and ${mailDomainInUseSql('d')}) as dkim,
         array(select named from (
           select coalesce((select w.message_id_header from mail_filings f
               join mails w on w.organization_id = f.organization_id and w.id = f.mail_id
               where f.organization_id = e.organization_id and f.message_id = e.id limit 1), e.provider_id) as named, e.position
           from messages e where e.organization_id = m.organization_id and e.conversation_id = m.conversation_id and e.channel = 'email'
             and e.application_id is not distinct from m.application_id and e.position < m.position and e.provider_id is not null
           order by e.position desc limit ${referencesAtMost}) thread
         where named like '<%>' order by position) as "references"
       from messages m
       join conversations c on c.organization_id = m.organization_id and c.id = m.conversation_id
       join people p on p.organization_id = c.organization_id and p.id = c.person_id
       join organizations o on o.id = m.organization_id
       left join applications a on a.organization_id = m.organization_id and a.id = m.application_id
       where m.organization_id = $1 and m.id = any($2::uuid[])`,
      [organizationId, messageIds, mailDomain],
    );
    const toCandidates = messages.filter(({ kind }) => kind === 'candidate');
    const pages = await touchCandidatePages(tx, organizationId, toCandidates, await tx.now());
    const pageOf = new Map(toCandidates.map(({ id }, index) => [id, pages[index]!]));
    const answered = messages.filter((message) => message.mailDomain !== null);
    const addresses = await replyAddressesOfPeople(tx, organizationId, answered);
    const addressOf = new Map(answered.map(({ id }, index) => [id, addresses[index]!]));
    return new Map(
      messages.map(({ id, mayAnswerOnPage, references, brand, dkim, ...of }) => {
        const [page, address] = [pageOf.get(id), addressOf.get(id)];
        return [
          id,
          {
            mailDomain: of.mailDomain,
            replyTo:
              of.mailDomain === null || address === undefined
                ? null
                : replyAddress(hashKey, address, of.mailDomain),
            pageUrl: page ? candidatePageUrl(publicUrl, hashKey, { organizationId, ...page }) : null,
            mayAnswerOnPage,
            references,
            brand: brandInMail(brand, publicUrl),
            dkim: dkim && { ...dkim, keySealed: Buffer.from(dkim.keySealed, 'base64') },
          },
        ];
      }),
    );
  });
}
