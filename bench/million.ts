import { createHash, randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { origins } from '../prisma/seed/names';
import { newId } from '../src/data/database';
import { hashPassword } from '../src/data/organization/sign-in';

export type Size = { people: number; vacancies: number; users: number; inBigStage: number };

export type Filled = { organizationId: string; apiKey: string; password: string; slug: string };

/** Tables that grow with the people; their indexes are made once, after the rows. */
const tables = [
  'people',
  'contact_points',
  'consents',
  'service_windows',
  'conversations',
  'conversation_reads',
  'messages',
  'applications',
  'stage_entries',
  'timeline_entries',
  'credit_entries',
  'events',
  'notifications',
  'audit_entries',
  'bulk_recipients',
];

const names = {
  firsts: [...new Set(origins.flatMap(({ firstNames }) => firstNames))],
  lasts: [...new Set(origins.flatMap(({ lastNames }) => lastNames))],
};

/**
 * Organizations as three years leave them, made by PostgreSQL itself out of running numbers: about ten messages a person, written in the
 * order of time as in life, so that what is near in time is near on disk. Foreign keys and triggers are not asked: the rows satisfy them.
 */
export async function fillOrganizations(
  databaseUrl: string,
  sizes: readonly Size[],
  say: (line: string) => void,
): Promise<Filled[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(`set session_replication_role = replica; set synchronous_commit = off; set work_mem = '512MB';
      set maintenance_work_mem = '1GB'; set timezone = 'UTC'`);
    const { rows: indexes } = await client.query<{ name: string; definition: string }>(
      `select i.indexname as name, i.indexdef as definition from pg_indexes i
       join pg_index x on x.indexrelid = (quote_ident(i.schemaname) || '.' || quote_ident(i.indexname))::regclass
       where i.schemaname = 'public' and i.tablename = any($1) and not x.indisprimary`,
      [tables],
    );
    for (const { name } of indexes) await client.query(`drop index ${client.escapeIdentifier(name)}`);
    await client.query(helpers);
    for (const [table, list] of Object.entries(names)) {
      await client.query(
        `insert into bench.${table} select n - 1, name from unnest($1::text[]) with ordinality t(name, n)`,
        [list],
      );
    }
    await client.query('analyze bench.firsts, bench.lasts');
    const filled: Filled[] = [];
    for (const [index, size] of sizes.entries()) filled.push(await fill(client, index, size, say));
    await client.query('drop schema bench cascade');
    say(`  ${indexes.length} indexes`);
    for (const { definition } of indexes) await client.query(definition);
    say('  vacuum analyze');
    await client.query('vacuum analyze');
    return filled;
  } finally {
    await client.end();
  }
}

async function fill(client: Client, index: number, size: Size, say: (line: string) => void): Promise<Filled> {
  const [organizationId, password] = [newId(), randomBytes(12).toString('base64url')];
  const slug = `bench${index}-${organizationId.slice(-6)}`;
  const apiKey = `pk_${randomBytes(24).toString('base64url')}`;
  const { rows } = await client.query<{ now: Date }>('select clock_timestamp() as now');
  const now = rows[0]!.now;
  await client.query('truncate bench.facts, bench.u, bench.v, bench.p, bench.a');
  await client.query(
    `insert into bench.facts values ($1, $2, $3, $3::timestamptz - interval '3 years', $4, $5, $6, $7, $8, $9, $10)`,
    [
      organizationId,
      index,
      now,
      size.people,
      size.vacancies,
      size.users,
      size.inBigStage,
      slug,
      names.firsts.length,
      names.lasts.length,
    ],
  );
  await client.query(
    `insert into organizations (id, name, slug, plan, whatsapp_in_plan, sms_in_plan, default_country, time_zone, language, events_enabled, created_at)
     select id, slug, slug, 'enterprise', true, true, 'ES', 'Europe/Madrid', 'en', true, born from bench.facts`,
  );
  await client.query(
    `insert into api_keys (organization_id, id, name, prefix, secret_hash, scopes, created_at)
     values ($1, $2, 'bench', 'pk_bench', $3, '{people:read,conversations:read,events:read}', $4)`,
    [organizationId, newId(), createHash('sha256').update(apiKey).digest('hex'), now],
  );
  for (const [what, sql] of steps) {
    const started = performance.now();
    await client.query(sql).catch((error: unknown) => {
      console.log(what);
      throw error;
    });
    if (size.people > 10_000) say(`  ${what}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  }
  await client.query('update users set password_hash = $2 where organization_id = $1', [
    organizationId,
    await hashPassword(password),
  ]);
  return { organizationId, apiKey, password, slug };
}

/** `bench.chance(n, salt)`: a number in [0, 1) that looks like chance and is always the same. */
const helpers = `
drop schema if exists bench cascade;
create schema bench;
create function bench.chance(n bigint, salt int) returns float8 immutable parallel safe language sql
  return (hashint8extended(n, salt) & 1073741823) / 1073741824.0::float8;
create function bench.id(at timestamptz, kind int, org int, n bigint) returns uuid stable parallel safe language sql
  return encode(substr(int8send((date_part('epoch', at) * 1000)::bigint), 3) || int4send((28672 + kind) * 65536 + 32768 + org)
    || substr(int8send(n), 3), 'hex')::uuid;
create function bench.message_at(created timestamptz, span float8, messages int, j int) returns timestamptz stable parallel safe language sql
  return date_trunc('milliseconds', created + make_interval(secs => span * j / (messages + 1)));
create function bench.comes_in(n int, j int) returns boolean immutable parallel safe language sql
  return j > 1 and bench.chance(n * 65536::bigint + j, 1) < 0.45;
create function bench.channel(n int, j int) returns channel immutable parallel safe language sql
  return case when bench.chance(n * 65536::bigint + j / 4, 2) < 0.7 then 'whatsapp'::channel
    when bench.chance(n * 65536::bigint + j / 4, 2) < 0.97 then 'email'::channel else 'sms'::channel end;
create function bench.state(n int, j int) returns message_state immutable parallel safe language sql
  return ('{read,read,read,read,read,read,read,read,read,read,delivered,delivered,delivered,delivered,delivered,sent,sent,failed,suppressed,unconfirmed}'::message_state[])[1 + floor(bench.chance(n * 65536::bigint + j, 3) * 20)::int];
create unlogged table bench.facts (id uuid, org int, now timestamptz, born timestamptz, people int, vacancies int, users int, big int, slug text,
  firsts int, lasts int);
create unlogged table bench.firsts (n int primary key, name text);
create unlogged table bench.lasts (n int primary key, name text);
create unlogged table bench.u (n int primary key, id uuid, role role);
create unlogged table bench.v (n int primary key, id uuid, stages uuid[]);
create unlogged table bench.a (n int, nr int, id uuid, v int, stage int, entry uuid, at timestamptz);
create unlogged table bench.p (n int, id uuid, cid uuid, phone uuid, email uuid, created timestamptz, messages int, span float8, first text, last text,
  responsible uuid, last_at timestamptz, last_in boolean, waits boolean, consented boolean);`;

/** Each step is a few statements over the running numbers. */
const steps: [string, string][] = [
  [
    'users',
    `insert into bench.u select n, bench.id(born, 1, org, n),
       (case when n = 1 then 'administrator' when n % 5 = 0 then 'interviewer' when n % 17 = 0 then 'supervisor' else 'recruiter' end)::role
     from bench.facts, generate_series(1, users) n;
     insert into users (organization_id, id, email, first_name, last_name, role, access_to_own_base, created_at)
     select f.id, u.id, u.role::text || u.n || '@' || slug || '.example', first.name, last.name, u.role, true, born
     from bench.facts f, bench.u u join bench.firsts first on first.n = u.n % 50 join bench.lasts last on last.n = u.n % 31;
     insert into credit_accounts (organization_id, balance) select id, 1000000 from bench.facts;
     insert into channel_accounts (organization_id, id, channel, name, state, state_changed_at, created_at, updated_at)
     select f.id, gen_random_uuid(), c, c::text, 'connected', born, born, born from bench.facts f, unnest(array['whatsapp', 'email', 'sms']::channel[]) c;
     insert into templates (organization_id, id, channel, name, language, status, body, version, created_at, updated_at)
     select f.id, bench.id(born, 2, org, n), 'whatsapp', 'Template ' || n, 'en', 'approved', 'Hello', 1, born, born from bench.facts f, generate_series(1, 50) n`,
  ],
  [
    'vacancies',
    `insert into bench.v select n, bench.id(born, 3, org, n), array(select bench.id(born, 4, org, n * 8 + s) from generate_series(1, 6) s)
     from bench.facts, generate_series(1, vacancies) n;
     insert into vacancies (organization_id, id, title, status, notification_emails, created_at, updated_at)
     select f.id, v.id, (array['Nurse', 'Driver', 'Welder', 'Cook', 'Engineer', 'Clerk', 'Picker', 'Teacher'])[1 + v.n % 8] || ' ' || v.n,
       (case when v.n % 4 = 0 and v.n > 20 then 'closed' else 'open' end)::vacancy_status, '{}', born, born from bench.facts f, bench.v v;
     insert into stages (organization_id, id, vacancy_id, name, position, created_at)
     select f.id, v.stages[s], v.id, (array['New', 'Screening', 'Interview', 'Trial', 'Offer', 'Hired'])[s], s - 1, born
     from bench.facts f, bench.v v, generate_series(1, 6) s;
     insert into vacancy_users (organization_id, vacancy_id, user_id)
     select distinct f.id, v.id, u.id from bench.facts f, bench.v v, generate_series(1, 4) k
     join bench.u u on true where u.n = 1 + floor(bench.chance(v.n * 8 + k, 5) * f.users)::int and u.n not in (5, 10);
     -- one Interviewer of three vacancies, one of the biggest
     insert into vacancy_users (organization_id, vacancy_id, user_id)
     select f.id, v.id, u.id from bench.facts f, bench.v v join bench.u u on (u.n = 5 and v.n in (5, 6, 7)) or (u.n = 10 and v.n = 1)`,
  ],
  [
    'people in numbers',
    `insert into bench.p
     select q.n, bench.id(created, 5, org, q.n), bench.id(created, 6, org, q.n), bench.id(created, 7, org, q.n * 2), bench.id(created, 7, org, q.n * 2 + 1),
       created, messages, span, first.name, concat_ws(' ', last.name, second.name), u.id, bench.message_at(created, span, messages, messages), bench.comes_in(q.n, messages),
       bench.comes_in(q.n, messages) and bench.chance(q.n, 14) < 0.07, bench.chance(q.n, 15) < 0.8
     from (
       select n, org, f.users, created,
         case when n = 1 then least(20000, f.people) when chance < 0.05 then 60 when chance < 0.2 then 20 when chance < 0.6 then 6 else 4 end as messages,
         extract(epoch from now - created) * power(bench.chance(n, 10), 2) as span,
         floor(power(bench.chance(n, 11), 2) * f.firsts)::int as first, floor(power(bench.chance(n, 12), 1.5) * f.lasts)::int as last,
         case when bench.chance(n, 13) < 0.8 then floor(bench.chance(n, 16) * f.lasts)::int end as second
       from bench.facts f, lateral (
         select n, date_trunc('milliseconds', born + (now - born) * (n / (people + 1.0))) as created, bench.chance(n, 9) as chance
         from generate_series(1, people) n) x) q
     join bench.firsts first on first.n = q.first join bench.lasts last on last.n = q.last left join bench.lasts second on second.n = q.second
     left join bench.u u on bench.chance(q.n, 17) < 0.9 and u.n = 1 + floor(bench.chance(q.n, 18) * q.users)::int;
     analyze bench.p`,
  ],
  [
    'people',
    `insert into people (organization_id, id, kind, first_name, last_name, responsible_user_id, tags, to_review, whatsapp_consent, created_at, updated_at)
     select f.id, p.id, (case when n % 33 = 0 then 'contact' else 'candidate' end)::person_kind, first, last, responsible,
       array_remove(array[case when bench.chance(n, 20) < 0.2 then 'night shift' end, case when bench.chance(n, 21) < 0.02 then 'forklift' end,
         case when bench.chance(n, 22) < 0.0002 then 'diver' end, case when bench.chance(n, 23) < 0.5 then 'tag ' || floor(bench.chance(n, 24) * 40) end], null),
       bench.chance(n, 25) < 0.001, consented, created, created from bench.facts f, bench.p p order by n;
     insert into contact_points (organization_id, id, person_id, kind, key, value, phone_type, whatsapp, position, created_at)
     select f.id, k.id, p.id, k.kind::contact_point_kind, k.value, k.value, (case k.kind when 'phone' then 'mobile' else 'unknown' end)::phone_type,
       (case k.kind when 'phone' then 'present' else 'unknown' end)::whats_app_presence, k.position, created
     from bench.facts f, bench.p p, lateral (values
       (p.phone, 'phone', '+346' || lpad(((p.n * 7919::bigint) % 100000000)::text, 8, '0'), 0),
       (p.email, 'email', lower(replace(first || '.' || last, ' ', '')) || n || '@' || (array['gmail', 'outlook', 'yahoo'])[1 + n % 3] || '.example', 1))
       k(id, kind, value, position) order by n;
     insert into consents (organization_id, id, contact_point_id, channel, granted, source, wording, occurred_at, created_at)
     select f.id, bench.id(created, 8, org, n), phone, 'whatsapp', true, 'applicationForm', 'You may write to me on WhatsApp.', created, created
     from bench.facts f, bench.p where consented order by n;
     insert into service_windows (organization_id, channel_account_id, contact_point_id, last_inbound_at)
     select f.id, c.id, p.phone, p.last_at from bench.facts f, bench.p p, channel_accounts c
     where c.organization_id = f.id and c.channel = 'whatsapp' and p.last_in`,
  ],
  [
    'conversations',
    `insert into conversations (organization_id, id, person_id, status, owner_id, last_owner_id, chat_version, last_contact_at, opened_at, last_inbound_at,
       deadline_at, responsible_user_id, inbox_user_id, message_count, inbound_count, last_message_at, last_message_id, last_direction, channels,
       unanswered_since, created_at, updated_at)
     select f.id, cid, p.id, s.status::chat_status, case s.status when 'active' then coalesce(responsible, u.id) end, responsible, 1, last_at,
       case s.status when 'open' then last_at end, case when last_in then last_at end,
       case when s.status <> 'closed' then last_at + interval '24 hours' end, responsible,
       case s.status when 'active' then coalesce(responsible, u.id) else responsible end, messages, round((messages - 1) * 0.45), last_at,
       bench.id(last_at, 9, org, p.n * 65536::bigint + messages), (case when last_in then 'in' else 'out' end)::direction,
       array(select distinct bench.channel(p.n, j) from generate_series(1, least(messages, 60), 4) j), case when waits then last_at end, created, last_at
     from bench.facts f join bench.u u on u.n = 1, bench.p p, lateral (
       select case when last_at < f.now - interval '23 hours' then 'closed' when p.n % 2 = 0 then 'active' else 'open' end as status) s order by p.n;
     insert into conversation_reads (organization_id, conversation_id, user_id, inbound_read, read_at)
     select f.id, cid, responsible, greatest(0, round((messages - 1) * 0.45) - 1), last_at from bench.facts f, bench.p
     where responsible is not null and not waits order by n`,
  ],
  [
    'applications',
    `insert into bench.a
     select p.n, k, bench.id(p.created, 10, org, p.n * 2 + k - 1), case when k = 1 then v.first else (v.first + floor(bench.chance(p.n, 31) * (vacancies - 1))::int) % vacancies + 1 end,
       case when p.n <= f.big and k = 1 then 1 else 1 + floor(power(bench.chance(p.n * 2 + k, 32), 1.5) * 6)::int end,
       bench.id(p.created + interval '1 hour' * k, 11, org, p.n * 2 + k - 1), p.created + interval '1 hour' * k
     from bench.facts f, bench.p p, lateral (
       select case when p.n <= f.big then 1 else 1 + floor(power(bench.chance(p.n, 30), 2) * vacancies)::int end as first) v, generate_series(1, 1 + p.n % 2) k
     where p.n % 33 <> 0;
     insert into applications (organization_id, id, person_id, vacancy_id, stage_id, stage_entry_id, rejected_at, withdrawn_at, created_at, updated_at)
     select f.id, a.id, p.id, v.id, v.stages[a.stage], a.entry, case when bench.chance(a.n * 2 + nr, 33) < 0.3 and not (a.n <= f.big and nr = 1) then a.at + interval '1 day' end,
       case when bench.chance(a.n * 2 + nr, 34) < 0.03 and not (a.n <= f.big and nr = 1) then a.at + interval '1 day' end, a.at, a.at
     from bench.facts f, bench.a a join bench.p p on p.n = a.n join bench.v v on v.n = a.v order by a.n;
     insert into stage_entries (organization_id, id, application_id, move_id, to_stage_id, entered_at)
     select f.id, a.entry, a.id, a.entry, v.stages[a.stage], a.at from bench.facts f, bench.a a join bench.v v on v.n = a.v order by a.n`,
  ],
  [
    'messages',
    `insert into messages (organization_id, id, conversation_id, position, application_id, channel, direction, origin, state, kind, body, template_id,
       sender_user_id, contact_point_id, credits, reason, provider_id, attempts, occurred_at, created_at, sent_at, delivered_at, read_at, failed_at)
     select f.id, bench.id(m.at, 9, org, m.n * 65536::bigint + j), m.cid, j, a.id, channel, (case when came then 'in' else 'out' end)::direction,
       (case when came then 'person' when j % 7 in (1, 3) then 'automatic' when j % 7 = 5 then 'bulk' else 'manual' end)::message_origin, state,
       'text', left(md5(m.n::text) || ' thank you for your message. We would like to invite you for an interview on Tuesday at ten. Would that suit you?', 30 + (m.n + j) % 110),
       case when not came and j % 7 = 1 then bench.id(born, 2, org, 1 + m.n % 50) end,
       case when not came and j % 7 not in (1, 3, 5) then m.responsible end, case channel when 'email' then m.email else m.phone end,
       case when came or channel = 'email' then 0 else 1 end,
       case state when 'failed' then 'not_on_whatsapp' when 'suppressed' then 'opted_out' end,
       case when state <> 'suppressed' then 'wamid.' || md5((m.n * 65536::bigint + j)::text) end, 1, m.at, m.at,
       case when state in ('sent', 'delivered', 'read', 'unconfirmed') then m.at + interval '1 second' end,
       case when state in ('delivered', 'read') then m.at + interval '3 seconds' end, case when state = 'read' then m.at + interval '1 minute' end,
       case when state = 'failed' then m.at + interval '2 seconds' end
     from bench.facts f, (
       select p.n, j, p.cid, p.phone, p.email, p.responsible, bench.message_at(created, span, messages, j) as at, bench.channel(p.n, j) as channel,
         bench.comes_in(p.n, j) as came, case when bench.comes_in(p.n, j) then 'received'::message_state else bench.state(p.n, j) end as state
       from bench.p p, generate_series(1, p.messages) j order by at) m
     left join bench.a a on a.n = m.n and a.nr = 1 and m.j % 3 <> 0`,
  ],
  [
    'timeline, credits, events',
    `insert into timeline_entries (organization_id, id, person_id, application_id, kind, message_id, data, occurred_at)
     select f.id, bench.id(m.occurred_at, 12, org, p.n * 65536::bigint + m.position), p.id, m.application_id,
       case when m.direction = 'in' then 'messageReceived' when m.state = 'failed' then 'messageFailed' when m.state = 'suppressed' then 'messageSuppressed' else 'messageSent' end,
       m.id, '{}', m.occurred_at
     from bench.facts f, bench.p p join messages m on m.conversation_id = p.cid where m.organization_id = f.id and p.n % 10 = 1;
     insert into timeline_entries (organization_id, id, person_id, application_id, kind, data, occurred_at)
     select f.id, bench.id(a.at, 13, org, a.n * 2 + nr), p.id, a.id, 'stageMoved', jsonb_build_object('toStageId', v.stages[a.stage]), a.at
     from bench.facts f, bench.a a join bench.p p on p.n = a.n join bench.v v on v.n = a.v;
     insert into credit_entries (organization_id, id, kind, amount, message_id, occurred_at)
     select m.organization_id, gen_random_uuid(), k.kind::credit_entry_kind, k.amount, m.id, m.occurred_at
     from bench.facts f join messages m on m.organization_id = f.id, (values ('reserve', -1), ('release', 1)) k(kind, amount)
     where m.state in ('failed', 'suppressed') and m.credits > 0;
     insert into events (organization_id, id, position, type, conversation_id, person_id, message_id, occurred_at)
     select f.id, bench.id(t.occurred_at, 14, org, position), position, 'message.created', cid, person_id, message_id, occurred_at
     from bench.facts f, (
       select t.*, p.cid, row_number() over (order by t.occurred_at) as position from timeline_entries t
       join bench.facts f on f.id = t.organization_id join bench.p p on p.id = t.person_id where t.message_id is not null) t`,
  ],
  [
    'notifications, audit log, sends',
    `insert into notifications (organization_id, id, user_id, kind, person_id, conversation_id, occurred_at, seen_at)
     select f.id, bench.id(p.last_at, 15, org, n), responsible, 'messageReceived', p.id, cid, last_at, case when not waits then last_at end
     from bench.facts f, bench.p p where last_in and responsible is not null;
     insert into audit_entries (organization_id, id, actor_user_id, actor, action, target, target_id, occurred_at)
     select f.id, bench.id(p.created, 16, org, p.n), u.id, 'Somebody', 'consent.recorded', 'person', p.id::text, p.created
     from bench.facts f, bench.p p join bench.u u on u.n = 1 + p.n % 11 where p.n % 5 = 0;
     insert into bulk_sends (organization_id, id, name, state, channels, body, planned, created_at, started_at, finished_at)
     select f.id, bench.id(born + interval '1 hour' * n, 17, org, n), 'Send ' || n, 'finished', '{whatsapp}', 'Hello', least(people / 10, case when n = 2000 then 100000 else 100 end),
       born, born, born from bench.facts f, generate_series(1, least(2000, people / 10)) n;
     insert into bulk_recipients (organization_id, bulk_send_id, position, person_id, channel, state, message_id)
     select f.id, b.id, r, p.id, 'whatsapp', 'accepted', bench.id(p.last_at, 9, org, p.n * 65536::bigint + p.messages)
     from bench.facts f join bulk_sends b on b.organization_id = f.id, generate_series(0, b.planned - 1) r join bench.p p on p.n = r + 1;
     insert into bulk_counts (organization_id, bulk_send_id, outcome, reason, people, credits)
     select r.organization_id, r.bulk_send_id, bulk_outcome(m.state), m.reason, count(*),
       sum(case when bulk_outcome(m.state) in ('accepted', 'unknown') then m.credits else 0 end)
     from bulk_recipients r join messages m on m.organization_id = r.organization_id and m.id = r.message_id group by 1, 2, 3, 4`,
  ],
];
