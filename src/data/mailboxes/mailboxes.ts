import {
  mailboxFaultText,
  mailboxType,
  type IncomingInput,
  type Mailbox,
  type MailboxFault,
  type MailboxInput,
  type MailboxType,
  type MailSecurity,
  type MappedFolder,
  type OutgoingInput,
} from '../../contracts/mailboxes';
import { sealContext } from '../../channels/open-account';
import { DomainError, notFound } from '../../domain/errors';
import { incomingPort, outgoingPort, serverFaultText } from '../../domain/mail-ports';
import type { MailProvider, MailProviderId } from '../../domain/mail-providers';
import type { Actor } from '../../domain/permissions';
import { mailboxWorkflowId } from '../../domain/workflow-ids';
import { open, seal } from '../../seal';
import { writeAudit } from '../organization/audit';
import { newId, type Database, type Tx } from '../database';
import { isoSql, type Queryable } from '../sql';
import { mailDomainSql } from '../mail/mail-domain';
import type { UserServer } from './connect-mailbox';

export type MailboxIds = { organizationId: string; userId: string };

export type MailboxContext = {
  secretKey: Buffer;
  /** PARLEY_MAIL_DOMAIN */
  mailDomain: string | null;
  outboundIps: readonly string[];
  /** Those that users may sign in with; absent: none. */
  mailProviders?: readonly MailProvider[];
};

type Row = {
  systemAddress: string | null;
  fromAddress: string | null;
  signature: string | null;
  fetch: boolean | null;
  kind: MailboxType;
  host: string | null;
  port: number | null;
  security: MailSecurity;
  username: string | null;
  hasPassword: boolean;
  keepCopy: boolean;
  removeAfterDays: number | null;
  smtpHost: string | null;
  smtpPort: number | null;
  smtpSecurity: MailSecurity;
  smtpUsername: string | null;
  hasSmtpPassword: boolean;
  provider: MailProviderId | null;
  signedIn: boolean;
  state: Mailbox['state'] | null;
  stateReason: MailboxFault | null;
} & Pick<Mailbox, 'stateDetail' | 'stateChangedAt' | 'importTotal' | 'importDone' | 'fetchedAt' | 'folders'>;

const faultText = (fault: MailboxFault, { port, security }: Pick<Row, 'port' | 'security'>): string =>
  port === null ? mailboxFaultText(fault) : serverFaultText(fault, { port, security });

/** R-BOX-2: a user's e-mail settings, as they and Administrators see them; what is in the mailbox is in none of it. */
export async function readMailbox(
  db: Queryable,
  { mailDomain, outboundIps, mailProviders = [] }: MailboxContext,
  { organizationId, userId }: MailboxIds,
): Promise<Mailbox> {
  const [row] = await db.query<Row>(
    `select u.mail_name || '@' || ${mailDomainSql('o', '$3')} as "systemAddress", b.from_address as "fromAddress", b.signature, b.fetch,
       b.kind, b.host, b.port, b.security, b.username, b.password_sealed is not null as "hasPassword", b.keep_copy as "keepCopy",
       b.remove_after_days as "removeAfterDays",
       b.smtp_host as "smtpHost", b.smtp_port as "smtpPort", b.smtp_security as "smtpSecurity", b.smtp_username as "smtpUsername",
       b.smtp_password_sealed is not null as "hasSmtpPassword",
       b.oauth_provider as provider, b.oauth_token_sealed is not null as "signedIn",
       b.state, b.state_reason as "stateReason", b.state_detail as "stateDetail", ${isoSql('b.state_changed_at')} as "stateChangedAt",
       b.import_total as "importTotal", b.import_done as "importDone", ${isoSql('b.fetched_at')} as "fetchedAt",
       coalesce((select jsonb_agg(jsonb_build_object('path', f.path, 'folder', f.folder) order by f.path) from mailbox_folders f
         where f.organization_id = u.organization_id and f.user_id = u.id), '[]') as folders
     from users u join organizations o on o.id = u.organization_id
     left join mailboxes b on b.organization_id = u.organization_id and b.user_id = u.id
     where u.organization_id = $1 and u.id = $2`,
    [organizationId, userId, mailDomain],
  );
  if (!row) throw notFound('user');
  const provider = mailProviders.find(({ id }) => id === row.provider);
  return {
    systemAddress: row.systemAddress,
    fromAddress: row.fromAddress,
    signature: row.signature,
    fetch: row.fetch ?? false,
    incoming:
      row.host === null
        ? null
        : {
            type: row.kind,
            host: row.host,
            port: row.port!,
            security: row.security,
            username: row.username!,
            hasPassword: row.hasPassword,
            keepCopy: row.keepCopy,
            removeAfterDays: row.removeAfterDays,
          },
    outgoing:
      row.smtpHost === null
        ? null
        : {
            host: row.smtpHost,
            port: row.smtpPort!,
            security: row.smtpSecurity,
            username: row.smtpUsername,
            hasPassword: row.hasSmtpPassword,
          },
    signIn: row.provider && {
      provider: row.provider,
      name: provider?.name ?? row.provider,
      active: row.signedIn,
      outgoing: provider?.outgoing ?? null,
    },
    signInProviders: mailProviders.map(({ id, name, incoming }) => ({
      ...{ id, name },
      types: mailboxType.options.filter((type) => incoming[type] !== null),
    })),
    state: row.state ?? 'off',
    stateText: row.stateReason && faultText(row.stateReason, row),
    stateDetail: row.stateDetail,
    stateChangedAt: row.stateChangedAt,
    importTotal: row.importTotal,
    importDone: row.importDone,
    fetchedAt: row.fetchedAt,
    folders: row.folders,
    connectsFrom: [...outboundIps],
  };
}

export type StoredMailbox = {
  kind: MailboxType;
  host: string | null;
  port: number | null;
  security: MailSecurity;
  username: string | null;
  passwordSealed: Buffer | null;
  smtpHost: string | null;
  smtpPort: number | null;
  smtpSecurity: MailSecurity;
  smtpUsername: string | null;
  smtpPasswordSealed: Buffer | null;
  provider: MailProviderId | null;
  signedIn: boolean;
  fetch: boolean;
};

/** Undefined: the user has set nothing yet. */
async function readStored(
  db: Queryable,
  { organizationId, userId }: MailboxIds,
  lock: '' | 'for update' = '',
): Promise<StoredMailbox | undefined> {
  const [row] = await db.query<StoredMailbox>(
    `select kind, host, port, security, username, password_sealed as "passwordSealed", smtp_host as "smtpHost", smtp_port as "smtpPort",
       smtp_security as "smtpSecurity", smtp_username as "smtpUsername", smtp_password_sealed as "smtpPasswordSealed",
       oauth_provider as provider, oauth_token_sealed is not null as "signedIn", "fetch"
     from mailboxes where organization_id = $1 and user_id = $2 ${lock}`,
    [organizationId, userId],
  );
  return row;
}

const incomingOf = (input: IncomingInput) => ({
  kind: input.type,
  host: input.host,
  port: input.port ?? incomingPort(input.type, input.security),
  security: input.security,
  username: input.username,
});

const outgoingOf = (input: OutgoingInput) => ({
  smtpHost: input.host,
  smtpPort: input.port ?? outgoingPort(input.security),
  smtpSecurity: input.security,
  smtpUsername: input.username,
});

/** A stored password goes only where it was given for: who changes the server has to know it. */
const keptFor = (settings: object, stored: StoredMailbox | undefined): boolean =>
  stored !== undefined &&
  Object.entries(settings).every(([key, value]) => stored[key as keyof StoredMailbox] === value);

function passwordMissing(path: string): DomainError {
  return new DomainError('invalid', 'Give the password: it is not known for this server and user name.', {
    errors: [{ path, message: 'is needed for this server and user name' }],
  });
}

/** The server of these settings, with the password given or kept, or signed in. */
export async function serverToTest(
  db: Database,
  { secretKey }: MailboxContext,
  ids: MailboxIds,
  input: IncomingInput,
): Promise<UserServer> {
  await assertUser(db, ids);
  const settings = incomingOf(input);
  const { kind: type, ...server } = settings;
  if (input.password !== undefined) return { type, ...server, password: input.password };
  const stored = await readStored(db, ids);
  const login = stored && keptFor(settings, stored) && loginOf(stored, secretKey, ids);
  if (!login) throw passwordMissing('password');
  return { type, ...server, ...login };
}

/** Undefined: neither a password nor a sign-in is stored. */
export function loginOf(
  { provider, passwordSealed }: Pick<StoredMailbox, 'provider' | 'passwordSealed'>,
  secretKey: Buffer,
  { userId }: MailboxIds,
): { password: string } | { signedIn: true } | undefined {
  if (provider !== null) return { signedIn: true };
  return passwordSealed === null
    ? undefined
    : { password: open(secretKey, passwordSealed, sealContext.mailboxPassword(userId)) };
}

/** The server that is set. */
export async function storedServer(
  db: Database,
  { secretKey }: MailboxContext,
  ids: MailboxIds,
): Promise<UserServer> {
  await assertUser(db, ids);
  const stored = await readStored(db, ids);
  const login = stored && loginOf(stored, secretKey, ids);
  if (!stored?.host || !stored.username || !login)
    throw new DomainError(
      'conflict',
      'Save the address of the mail server, the user name and the password first.',
    );
  const { kind, host, port, security, username } = stored;
  return {
    type: kind,
    ...{ host, port: port!, security, username },
    ...login,
  };
}

export async function assertUser(db: Queryable, { organizationId, userId }: MailboxIds): Promise<void> {
  const found = await db.query('select 1 from users where organization_id = $1 and id = $2', [
    organizationId,
    userId,
  ]);
  if (found.length === 0) throw notFound('user');
}

/**
 * Changes a user's e-mail settings. With another account the folders and what was fetched from them are begun anew; mails that are stored
 * stay. What runs with the old settings ends.
 */
export async function saveMailbox(
  db: Database,
  context: MailboxContext & { actor: Actor },
  userId: string,
  input: MailboxInput,
): Promise<Mailbox> {
  const { actor, secretKey } = context;
  const ids = { organizationId: actor.organizationId, userId };
  if (input.fetch && !input.incoming)
    throw new DomainError(
      'invalid',
      'To fetch e-mail, give the mail server, the user name and the password.',
      {
        errors: [{ path: 'incoming', message: 'is needed to fetch e-mail' }],
      },
    );
  return db.transact(async (tx) => {
    await assertUser(tx, ids);
    const now = await tx.now();
    const stored = await lockMailbox(tx, ids, now);
    const before = await readMailbox(tx, context, ids);
    const incoming = input.incoming && incomingOf(input.incoming);
    const { keepCopy, removeAfterDays } =
      input.incoming?.type === 'pop' ? input.incoming : { keepCopy: true, removeAfterDays: null };
    const sameServer = incoming === null ? stored.host === null : keptFor(incoming, stored);
    const sameAccount =
      incoming === null ||
      (stored.kind === incoming.kind &&
        stored.host === incoming.host &&
        stored.username === incoming.username);
    const staysSignedIn =
      stored.provider !== null && incoming !== null && sameServer && input.incoming?.password === undefined;
    const passwordSealed = staysSignedIn
      ? null
      : sealedPassword(
          input.incoming,
          sameServer ? stored.passwordSealed : null,
          (text) => seal(secretKey, text, sealContext.mailboxPassword(userId)),
          'incoming.password',
        );
    const outgoing = input.outgoing && outgoingOf(input.outgoing);
    const providersOwn =
      staysSignedIn &&
      input.outgoing?.password === undefined &&
      !(outgoing && stored.smtpPasswordSealed && keptFor(outgoing, stored)) &&
      isOutgoingOf(outgoing, stored, context.mailProviders);
    const smtpPasswordSealed =
      input.outgoing?.username == null || providersOwn
        ? null
        : sealedPassword(
            input.outgoing,
            outgoing && keptFor(outgoing, stored) ? stored.smtpPasswordSealed : null,
            (text) => seal(secretKey, text, sealContext.mailboxSmtpPassword(userId)),
            'outgoing.password',
          );
    const anew = !sameServer || input.incoming?.password !== undefined || input.fetch !== stored.fetch;
    await tx.query(
      `update mailboxes set from_address = $3, signature = $4, "fetch" = $5, host = $6, port = $7, security = $8, username = $9,
         password_sealed = $10, smtp_host = $11, smtp_port = $12, smtp_security = $13, smtp_username = $14, smtp_password_sealed = $15,
         updated_at = $16, kind = $17, keep_copy = $18, remove_after_days = $19, oauth_provider = case when $20 then oauth_provider end,
         oauth_token_sealed = case when $20 then oauth_token_sealed end, oauth_renewing_until = case when $20 then oauth_renewing_until end
       where organization_id = $1 and user_id = $2`,
      [
        ...[ids.organizationId, userId, input.fromAddress, input.signature || null, input.fetch],
        ...[incoming?.host ?? null, incoming?.port ?? null, incoming?.security ?? 'tls'],
        ...[
          incoming?.username ?? null,
          passwordSealed,
          outgoing?.smtpHost ?? null,
          outgoing?.smtpPort ?? null,
        ],
        ...[outgoing?.smtpSecurity ?? 'tls', outgoing?.smtpUsername ?? null, smtpPasswordSealed, now],
        ...[incoming?.kind ?? 'imap', keepCopy, keepCopy ? removeAfterDays : null, staysSignedIn],
      ],
    );
    if (!sameAccount) await forgetFolders(tx, ids);
    if (anew) await beginAnew(tx, ids, now);
    const after = await readMailbox(tx, context, ids);
    await writeAudit(tx, actor, {
      action: 'mailbox.changed',
      target: 'user',
      targetId: userId,
      before: facts(before),
      after: {
        ...facts(after),
        ...(input.incoming?.password !== undefined && { passwordChanged: true }),
        ...(input.outgoing?.password !== undefined && { outgoingPasswordChanged: true }),
      },
    });
    tx.notice({ type: 'settings', organizationId: ids.organizationId });
    return after;
  });
}

/** The row, made where there is none yet. */
export async function lockMailbox(tx: Tx, ids: MailboxIds, now: Date): Promise<StoredMailbox> {
  await tx.query(
    `insert into mailboxes (organization_id, user_id, state_changed_at, created_at, updated_at) values ($1, $2, $3, $3, $3)
     on conflict (organization_id, user_id) do nothing`,
    [ids.organizationId, ids.userId, now],
  );
  return (await readStored(tx, ids, 'for update'))!;
}

/** A provider's token goes to the provider's own server for sending, and to no other. */
function isOutgoingOf(
  settings: ReturnType<typeof outgoingOf> | null,
  { provider, username }: StoredMailbox,
  providers: readonly MailProvider[] = [],
): boolean {
  const own = providers.find(({ id }) => id === provider)?.outgoing;
  return (
    own != null &&
    settings?.smtpHost === own.host &&
    settings.smtpPort === own.port &&
    settings.smtpSecurity === own.security &&
    settings.smtpUsername === username
  );
}

function sealedPassword(
  input: { password?: string | undefined } | null,
  kept: Buffer | null,
  sealed: (text: string) => Buffer,
  path: string,
): Buffer | null {
  if (input === null) return null;
  if (input.password !== undefined) return sealed(input.password);
  if (kept === null) throw passwordMissing(path);
  return kept;
}

export const facts = ({ fromAddress, fetch, incoming, outgoing, signIn, folders }: Mailbox) => ({
  fromAddress,
  fetch,
  incoming,
  outgoing,
  ...(signIn && { signIn: signIn.provider }),
  folders: folders.filter(({ folder }) => folder !== null),
});

/** Another account has other folders. The mails that came from the old ones stay. */
export async function forgetFolders(tx: Tx, { organizationId, userId }: MailboxIds): Promise<void> {
  await tx.query('delete from mailbox_folders where organization_id = $1 and user_id = $2', [
    organizationId,
    userId,
  ]);
  // nor does it know what was moved here, and how the old one had a mail
  await tx.query(
    `update mails set moved_here = false, server_seen = null where organization_id = $1 and user_id = $2 and (moved_here or server_seen is not null)`,
    [organizationId, userId],
  );
  await tx.query(
    `update mailboxes set fetched_at = null, reconciled_at = null, connected_at = null, import_total = null, import_done = null
     where organization_id = $1 and user_id = $2`,
    [organizationId, userId],
  );
}

/** Connections with the settings before end, and it is tried at once with the new ones; not where the user has to sign in again first. */
export async function beginAnew(tx: Tx, ids: MailboxIds, now: Date): Promise<void> {
  await tx.query(
    `update mailboxes b set version = version + 1, failures = 0, state_detail = null, state_changed_at = $3, reconciled_at = null,
       lease_holder = null, lease_until = null,
       state_reason = case when ended then 'sign_in_ended' end,
       state = (case when not b.fetch then 'off' when ended then 'failing' else 'connecting' end)::mailbox_state
     from (select oauth_provider is not null and oauth_token_sealed is null as ended from mailboxes where organization_id = $1 and user_id = $2) o
     where organization_id = $1 and user_id = $2`,
    [ids.organizationId, ids.userId, now],
  );
  await wakeMailbox(tx, ids);
}

/** R-BOX-3: what each folder of the server is for Parley. Those that are left out, or have none, are not read. */
export async function mapFolders(
  db: Database,
  context: MailboxContext & { actor: Actor },
  userId: string,
  folders: { path: string; folder: MappedFolder | null }[],
): Promise<Mailbox> {
  const { actor } = context;
  const ids = { organizationId: actor.organizationId, userId };
  return db.transact(async (tx) => {
    await assertUser(tx, ids);
    if (!(await readStored(tx, ids, 'for update'))?.host)
      throw new DomainError(
        'conflict',
        'Save the address of the mail server, the user name and the password first.',
      );
    const before = await readMailbox(tx, context, ids);
    await storeFolders(
      tx,
      ids,
      folders.map((folder) => ({ ...folder, specialUse: null })),
    );
    await beginAnew(tx, ids, await tx.now());
    const after = await readMailbox(tx, context, ids);
    await writeAudit(tx, actor, {
      action: 'mailbox.foldersMapped',
      target: 'user',
      targetId: userId,
      before: { folders: facts(before).folders },
      after: { folders: facts(after).folders },
    });
    tx.notice({ type: 'settings', organizationId: ids.organizationId });
    return after;
  });
}

/** A folder that stays goes on where it was. */
export async function storeFolders(
  tx: Tx,
  { organizationId, userId }: MailboxIds,
  folders: { path: string; folder: MappedFolder | null; specialUse: string | null }[],
): Promise<void> {
  const rows = [...new Map(folders.map((folder) => [folder.path, folder])).values()].map((folder) => ({
    id: newId(),
    ...folder,
  }));
  await tx.query(
    'delete from mailbox_folders where organization_id = $1 and user_id = $2 and not path = any($3)',
    [organizationId, userId, rows.map(({ path }) => path)],
  );
  await tx.query(
    `insert into mailbox_folders (organization_id, id, user_id, path, special_use, folder)
     select $1, n.id, $2, n.path, n."specialUse", n.folder::mail_folder
     from jsonb_to_recordset($3::jsonb) as n(id uuid, path text, "specialUse" text, folder text)
     on conflict (organization_id, user_id, path) do update set folder = excluded.folder,
       special_use = coalesce(excluded.special_use, mailbox_folders.special_use)`,
    [organizationId, userId, JSON.stringify(rows)],
  );
}

/** *Fetch now*: everything on the server is compared. */
export async function fetchMailbox(db: Database, ids: MailboxIds): Promise<void> {
  await db.transact(async (tx) => {
    await assertUser(tx, ids);
    const fetched = await tx.query(
      `update mailboxes set reconciled_at = null where organization_id = $1 and user_id = $2 and "fetch"
       returning state_reason = 'sign_in_ended' as ended`,
      [ids.organizationId, ids.userId],
    );
    if (fetched[0]?.ended) throw new DomainError('conflict', mailboxFaultText('sign_in_ended'));
    if (fetched.length === 0)
      throw new DomainError(
        'conflict',
        'No e-mail is fetched for this user. Switch on Fetch email from mail server first.',
      );
    await wakeMailbox(tx, ids);
  });
}

/** R-BOX-3: signing in fetches at once. */
export async function fetchAtSignIn(db: Database, ids: MailboxIds): Promise<void> {
  await db.transact((tx) => wakeFetching(tx, ids));
}

/** Where mail is fetched: it is looked at now. Also after a mail was sent, of which the server is to have a copy. */
export async function wakeFetching(tx: Tx, ids: MailboxIds): Promise<void> {
  const fetching = await tx.query(
    'select 1 from mailboxes where organization_id = $1 and user_id = $2 and "fetch"',
    [ids.organizationId, ids.userId],
  );
  if (fetching.length > 0) await wakeMailbox(tx, ids);
}

export async function wakeMailbox(tx: Tx, { organizationId, userId }: MailboxIds): Promise<void> {
  await tx.poke({
    organizationId,
    workflowType: 'mailbox',
    workflowId: mailboxWorkflowId(userId),
    payload: { organizationId, userId },
  });
}

/** Mailboxes that nobody looks at although it is long due, because a poke of theirs was lost. */
export async function wakeMailboxes(db: Database): Promise<number> {
  const now = await db.now();
  const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
  const late = await db.query<MailboxIds>(
    `select b.organization_id as "organizationId", b.user_id as "userId" from mailboxes b
     join users u on u.organization_id = b.organization_id and u.id = b.user_id and u.deactivated_at is null
     where b.fetch and b.state_reason is distinct from 'sign_in_ended' and case b.state when 'failing' then b.updated_at < $1 when 'ready' then b.fetched_at < $2 else b.updated_at < $2 end
       and not exists (select 1 from outbox o where o.workflow_id = $3 || b.user_id) limit 100`,
    [ago(90), ago(30), mailboxWorkflowId('')],
  );
  for (const ids of late) await db.transact((tx) => wakeMailbox(tx, ids));
  return late.length;
}
