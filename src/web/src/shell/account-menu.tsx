import { ExternalLink, LogOut, Settings, UserRound } from 'lucide-react';
import { paths } from '../paths';
import { useMe } from '../queries';
import { text } from '../text';
import { Avatar, Menu, MenuItem, MenuLabel, MenuLink, MenuSeparator } from '../ui';
import { navItemClass } from './nav-item';
import { useSignOut } from './use-sign-out';

export function AccountMenu() {
  const me = useMe();
  const signOut = useSignOut();
  const name = `${me.user.firstName} ${me.user.lastName}`;

  return (
    <Menu
      label={text.shell.account}
      trigger={
        <button type="button" className={navItemClass} aria-label={`${text.shell.account}: ${name}`}>
          <Avatar name={name} size="sm" />
          <span className="sm:hidden">{text.shell.you}</span>
        </button>
      }
    >
      <MenuLabel>
        <span className="block font-medium text-ink">{name}</span>
        {text.roles[me.user.role]} · {me.organization.name}
      </MenuLabel>
      <MenuSeparator />
      <MenuLink href={paths.account()} icon={<UserRound aria-hidden className="size-4" />}>
        {text.shell.myAccount}
      </MenuLink>
      {(me.permissions.settings || me.permissions.send) && (
        <span className="contents sm:hidden">
          <MenuLink href={paths.settings()} icon={<Settings aria-hidden className="size-4" />}>
            {text.shell.settings}
          </MenuLink>
        </span>
      )}
      {me.temporalUiUrl && (
        <MenuLink href={me.temporalUiUrl} external icon={<ExternalLink aria-hidden className="size-4" />}>
          {text.shell.temporal}
        </MenuLink>
      )}
      <MenuSeparator />
      <MenuItem icon={<LogOut aria-hidden className="size-4" />} onSelect={() => void signOut()}>
        {text.shell.signOut}
      </MenuItem>
    </Menu>
  );
}
