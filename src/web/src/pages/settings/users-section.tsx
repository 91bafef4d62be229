import { EllipsisVertical, Mail, MailPlus, Pencil, UserMinus, UserPlus } from 'lucide-react';
import { useState } from 'react';
import type { User } from '../../../../contracts/users';
import { EmailSettings, emailSettingsText } from '../../email-settings';
import { useAction, useMe, useUsers } from '../../queries';
import { text } from '../../text';
import {
  Avatar,
  Badge,
  Button,
  Dialog,
  ErrorState,
  IconButton,
  LoadingRows,
  Menu,
  MenuItem,
  MenuSeparator,
  toast,
  toastError,
} from '../../ui';
import { DeactivateDialog } from './deactivate-dialog';
import { SectionHead } from './section-head';
import { settingsText } from './text';
import { UserDialog } from './user-dialog';

const words = settingsText.users;
const order: User['state'][] = ['active', 'invited', 'deactivated'];

/** Who works with Parley, and as what. */
export function UsersSection() {
  const me = useMe();
  const users = useUsers();
  const [open, setOpen] = useState<
    { dialog: 'invite' } | { dialog: 'edit' | 'email' | 'off'; user: User } | null
  >(null);
  const again = useAction('POST /api/v1/users/{userId}/invitation', { onError: toastError });
  const sorted = [...(users.data?.items ?? [])].sort(
    (a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.name.localeCompare(b.name),
  );
  const close = () => setOpen(null);
  return (
    <div className="max-w-4xl">
      <SectionHead
        title={settingsText.nav.users}
        intro={words.intro}
        action={
          <Button
            variant="primary"
            icon={<UserPlus aria-hidden className="size-4" />}
            onClick={() => setOpen({ dialog: 'invite' })}
          >
            {words.invite}
          </Button>
        }
      />
      {users.isPending && <LoadingRows rows={6} />}
      {users.error && !users.data && <ErrorState error={users.error} onRetry={() => void users.refetch()} />}
      <ul className="divide-y divide-line">
        {sorted.map((user) => (
          <li key={user.id} className="flex items-center gap-3 py-2.5">
            <Avatar name={user.name} />
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap items-center gap-x-2">
                <span className="font-medium">{user.name}</span>
                {user.id === me.user.id && <span className="text-[0.87rem] text-ink-2">({words.you})</span>}
                {user.state !== 'active' && (
                  <Badge tone={user.state === 'invited' ? 'warn' : 'neutral'}>
                    {words.states[user.state]}
                  </Badge>
                )}
              </p>
              <p className="truncate text-[0.9rem] text-ink-2">{user.email}</p>
              <p className="text-[0.9rem] text-ink-2 sm:hidden">
                {[text.roles[user.role], baseOf(user)].filter(Boolean).join(' · ')}
              </p>
            </div>
            <div className="hidden w-44 text-[0.9rem] sm:block">
              <p>{text.roles[user.role]}</p>
              <p className="text-ink-2">{baseOf(user)}</p>
            </div>
            <Menu
              label={words.menu(user.name)}
              trigger={
                <IconButton
                  label={words.menu(user.name)}
                  tooltip={false}
                  disabled={user.state === 'deactivated'}
                  icon={<EllipsisVertical aria-hidden className="size-4" />}
                />
              }
            >
              <MenuItem
                icon={<Pencil aria-hidden className="size-4" />}
                onSelect={() => setOpen({ dialog: 'edit', user })}
              >
                {words.edit}
              </MenuItem>
              <MenuItem
                icon={<Mail aria-hidden className="size-4" />}
                onSelect={() => setOpen({ dialog: 'email', user })}
              >
                {emailSettingsText.title}
              </MenuItem>
              {user.state === 'invited' && (
                <MenuItem
                  icon={<MailPlus aria-hidden className="size-4" />}
                  onSelect={() =>
                    again.mutate(
                      { params: { userId: user.id } },
                      { onSuccess: () => toast({ tone: 'ok', title: words.againDone(user.email) }) },
                    )
                  }
                >
                  {words.again}
                </MenuItem>
              )}
              {user.id !== me.user.id && (
                <>
                  <MenuSeparator />
                  <MenuItem
                    danger
                    icon={<UserMinus aria-hidden className="size-4" />}
                    onSelect={() => setOpen({ dialog: 'off', user })}
                  >
                    {words.deactivate}
                  </MenuItem>
                </>
              )}
            </Menu>
          </li>
        ))}
      </ul>
      {open?.dialog === 'invite' && <UserDialog onClose={close} />}
      {open?.dialog === 'edit' && <UserDialog user={open.user} onClose={close} />}
      {open?.dialog === 'email' && (
        <Dialog
          open
          onOpenChange={close}
          size="lg"
          title={emailSettingsText.titleOf(open.user.name)}
          description={emailSettingsText.introOfUser}
        >
          <EmailSettings userId={open.user.id} />
        </Dialog>
      )}
      {open?.dialog === 'off' && <DeactivateDialog user={open.user} onClose={close} />}
    </div>
  );
}

/** Said of those for whom it is a switch. */
function baseOf({ role, accessToOwnBase }: User): string | null {
  if (role !== 'supervisor' && role !== 'recruiter') return null;
  return accessToOwnBase ? words.base : words.noBase;
}
