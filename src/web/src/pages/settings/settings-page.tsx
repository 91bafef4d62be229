import {
  Building2,
  Coins,
  ScrollText,
  FileText,
  KeyRound,
  Lock,
  MessageCircle,
  Moon,
  UsersRound,
  Webhook,
} from 'lucide-react';
import type { ComponentType } from 'react';
import { Link, Redirect, useParams } from 'wouter';
import { paths } from '../../paths';
import { useMe, useUsers } from '../../queries';
import { cx, EmptyState, NotFound, PageHeader } from '../../ui';
import { ApiKeysSection } from './api-keys-section';
import { AuditSection } from './audit-section';
import { ChannelsSection } from './channels-section';
import { CompanySection } from './company-section';
import { CreditsSection } from './credits-section';
import { QuietHoursSection } from './quiet-hours-section';
import { TemplatesSection } from './templates-section';
import { settingsText as words } from './text';
import { UsersSection } from './users-section';
import { WebhooksSection } from './webhooks-section';

type Section = keyof typeof words.nav;
const sections: { path: string; section: Section; icon: typeof Lock; Body: ComponentType }[] = [
  { path: 'channels', section: 'channels', icon: MessageCircle, Body: ChannelsSection },
  { path: 'templates', section: 'templates', icon: FileText, Body: TemplatesSection },
  { path: 'company', section: 'company', icon: Building2, Body: CompanySection },
  { path: 'quiet-hours', section: 'quietHours', icon: Moon, Body: QuietHoursSection },
  { path: 'users', section: 'users', icon: UsersRound, Body: UsersSection },
  { path: 'api-keys', section: 'apiKeys', icon: KeyRound, Body: ApiKeysSection },
  { path: 'webhooks', section: 'webhooks', icon: Webhook, Body: WebhooksSection },
  { path: 'credits', section: 'credits', icon: Coins, Body: CreditsSection },
  { path: 'audit-log', section: 'audit', icon: ScrollText, Body: AuditSection },
];

/** What everybody who may send finds here; the rest is for Administrators. */
const forSenders = 'templates';

/** What Administrators set for the whole organization, and the templates. */
export function SettingsPage() {
  const { permissions } = useMe();
  const { section } = useParams<{ section?: string }>();
  const mine = sections.filter(
    ({ path }) => permissions.settings || (permissions.send && path === forSenders),
  );
  if (mine.length === 0 || (section && !permissions.settings && section !== forSenders))
    return <NotPermitted />;
  if (!section) return <Redirect to={paths.settings(mine[0]!.path)} replace />;
  const current = mine.find(({ path }) => path === section);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader title={words.title} titleText={current ? words.nav[current.section] : words.title}>
        <nav aria-label={words.navLabel} className="-mx-1 overflow-x-auto [scrollbar-width:none]">
          <ul className="flex gap-1">
            {mine.map(({ path, section: name, icon: Icon }) => (
              <li key={path}>
                <Link
                  href={paths.settings(path)}
                  aria-current={path === section ? 'page' : undefined}
                  ref={path === section ? showWhole : undefined}
                  className={cx(
                    '-mb-px inline-flex min-h-10 items-center gap-1.5 border-b-2 px-3 text-[0.93rem] font-medium whitespace-nowrap focus-visible:-outline-offset-2',
                    path === section
                      ? 'border-accent text-ink'
                      : 'border-transparent text-ink-2 hover:text-ink',
                  )}
                >
                  <Icon aria-hidden className="size-4" />
                  {words.nav[name]}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
      </PageHeader>
      <div className="scroll-y min-h-0 flex-1 px-4 py-5 sm:px-8">
        {current ? <current.Body /> : <NotFound />}
      </div>
    </div>
  );
}

function showWhole(link: HTMLElement | null): void {
  link?.scrollIntoView({ block: 'nearest', inline: 'center' });
}

/** Says whom to ask. */
function NotPermitted() {
  const users = useUsers();
  const names = (users.data?.items ?? [])
    .filter((user) => user.role === 'administrator' && user.state === 'active')
    .map((user) => user.name);
  return (
    <>
      <PageHeader title={words.title} />
      <EmptyState icon={<Lock className="size-6" />} title={words.notPermitted}>
        {words.notPermittedHint(names.join(', '))}
      </EmptyState>
    </>
  );
}
