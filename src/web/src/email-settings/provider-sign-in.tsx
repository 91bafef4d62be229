import { KeyRound, LogIn, LogOut } from 'lucide-react';
import type { Mailbox, MailboxType, SignedOutMailbox } from '../../../contracts/mailboxes';
import { Button, FormError } from '../ui';
import { emailSettingsText } from './text';
import { useBeginSignIn, useSignOutMailbox } from './use-mailbox';

const words = emailSettingsText.signIn;

/** Signed in with a provider: as whom, and until when. Signing in is for the user alone (`userId` null). */
export function SignedIn({
  userId,
  signIn,
  username,
  type,
  onPassword,
  onSignedOut,
}: {
  userId: string | null;
  signIn: NonNullable<Mailbox['signIn']>;
  username: string;
  type: MailboxType;
  onPassword: () => void;
  onSignedOut: (mailbox: SignedOutMailbox) => void;
}) {
  const begin = useBeginSignIn();
  const signOut = useSignOutMailbox(userId, onSignedOut);
  const { name, provider, active } = signIn;
  return (
    <div className="space-y-3 rounded-2xl border border-line bg-surface p-4">
      <p className="break-words">
        {active ? words.signedIn(name) : words.ended(name)} <span className="font-medium">{username}</span>
      </p>
      {!active && userId !== null && <p className="text-ink-2">{words.againByUser}</p>}
      <div className="flex flex-wrap gap-2">
        {userId === null && (
          <Button
            variant={active ? 'secondary' : 'primary'}
            icon={<LogIn aria-hidden className="size-4" />}
            busy={begin.isPending}
            onClick={() => begin.run(provider, type)}
          >
            {words.again}
          </Button>
        )}
        <Button icon={<KeyRound aria-hidden className="size-4" />} onClick={onPassword}>
          {words.usePassword}
        </Button>
        <Button
          icon={<LogOut aria-hidden className="size-4" />}
          busy={signOut.isPending}
          onClick={signOut.run}
        >
          {words.signOut(name)}
        </Button>
      </div>
      <FormError error={begin.error ?? signOut.error} />
    </div>
  );
}

/** *Sign in with …* for each provider that is set up; nothing where there is none. */
export function SignInButtons({
  userId,
  providers,
  type,
}: {
  userId: string | null;
  providers: Mailbox['signInProviders'];
  type: MailboxType;
}) {
  const begin = useBeginSignIn();
  const fitting = providers.filter(({ types }) => types.includes(type));
  if (fitting.length === 0) return null;
  if (userId !== null)
    return (
      <p className="rounded-lg bg-sunken px-3 py-2 text-[0.9rem] text-ink-2">
        {words.byUser(fitting.map(({ name }) => name).join(' or '))}
      </p>
    );
  return (
    <div className="space-y-3 rounded-2xl border border-line bg-surface p-4">
      <p className="text-[0.9rem] text-ink-2">{words.intro}</p>
      <div className="flex flex-wrap gap-2">
        {fitting.map(({ id, name }) => (
          <Button
            key={id}
            icon={<LogIn aria-hidden className="size-4" />}
            busy={begin.isPending && begin.provider === id}
            disabled={begin.isPending}
            onClick={() => begin.run(id, type)}
          >
            {words.with(name)}
          </Button>
        ))}
      </div>
      <FormError error={begin.error} />
    </div>
  );
}
