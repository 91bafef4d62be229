import { mailDomainInUseSql, mailDomainSql } from './mail-domain';
import { fullNameSql, type Queryable } from '../sql';

type UserIds = { organizationId: string; userId: string };

/** As whom a user writes, and over which server. */
export type MailSender = {
  name: string;
  /** R-BOX-1: the address they have set, else their system address; without a mail domain the one they sign in with. */
  address: string;
  /** Their address under the mail domain; null: there is no such domain. */
  systemAddress: string | null;
  /** All that are theirs: an answer to all goes to none of them. */
  ownAddresses: string[];
  signature: string | null;
  outgoingConfidential: boolean;
  active: boolean;
  timeZone: string;
  company: string;
  /** Null: the organization's. */
  server: {
    host: string;
    port: number;
    security: 'none' | 'ssl' | 'tls';
    username: string | null;
    passwordSealed: Buffer | null;
    /** With the provider, in place of a password. */
    signedIn: boolean;
  } | null;
  /** Signs what goes from the organization's own mail domain. */
  dkim: { domain: string; selector: string; keySealed: Buffer } | null;
};

type Row = Omit<MailSender, 'address' | 'ownAddresses' | 'server' | 'dkim'> & {
  email: string;
  fromAddress: string | null;
  host: string | null;
  port: number | null;
  security: 'none' | 'ssl' | 'tls' | null;
  username: string | null;
  passwordSealed: Buffer | null;
  signedIn: boolean | null;
  dkimDomain: string | null;
  dkimSelector: string | null;
  dkimKeySealed: Buffer | null;
};

const standardPort = { none: 25, ssl: 465, tls: 587 };

/** `mailDomain`: PARLEY_MAIL_DOMAIN. */
export async function readMailSender(
  db: Queryable,
  { organizationId, userId }: UserIds,
  mailDomain: string | null,
): Promise<MailSender> {
  const [row] = await db.query<Row>(
    `select ${fullNameSql('u')} as name, lower(u.email) as email, u.deactivated_at is null as active, o.time_zone as "timeZone", o.name as company,
       u.mail_name || '@' || ${mailDomainSql('o', '$3')} as "systemAddress",
       lower(nullif(btrim(b.from_address), '')) as "fromAddress", nullif(btrim(b.signature), '') as signature,
       coalesce(b.outgoing_confidential, false) as "outgoingConfidential",
       b.smtp_host as host, b.smtp_port as port, b.smtp_security as security, b.smtp_username as username,
       b.smtp_password_sealed as "passwordSealed",
       b.oauth_provider is not null and b.smtp_username is not null and b.smtp_password_sealed is null as "signedIn",
       d.domain as "dkimDomain", d.dkim_selector as "dkimSelector", d.dkim_key_sealed as "dkimKeySealed"
     from users u join organizations o on o.id = u.organization_id
     left join mailboxes b on b.organization_id = u.organization_id and b.user_id = u.id
     left join mail_domains d on d.organization_id = u.organization_id and ${mailDomainInUseSql('d')}
     where u.organization_id = $1 and u.id = $2`,
    [organizationId, userId, mailDomain],
  );
  const { email, fromAddress, systemAddress, ...rest } = row!;
  const {
    host,
    port,
    security,
    username,
    passwordSealed,
    signedIn,
    dkimDomain,
    dkimSelector,
    dkimKeySealed,
    ...sender
  } = rest;
  return {
    ...sender,
    systemAddress,
    address: fromAddress ?? systemAddress ?? email,
    ownAddresses: [fromAddress, systemAddress, email].filter((address) => address !== null),
    server: host
      ? {
          host,
          port: port ?? standardPort[security ?? 'tls'],
          security: security ?? 'tls',
          username,
          passwordSealed,
          signedIn: signedIn ?? false,
        }
      : null,
    dkim:
      dkimDomain !== null && dkimSelector !== null && dkimKeySealed !== null
        ? { domain: dkimDomain, selector: dkimSelector, keySealed: dkimKeySealed }
        : null,
  };
}
