import { useState, type FormEvent } from 'react';
import { Redirect, useLocation, useSearch } from 'wouter';
import { paths } from '../../paths';
import { queryClient, setMe, useAction, useSession } from '../../queries';
import { Button, FormError, TextField, TextLink } from '../../ui';
import { AuthFrame } from './auth-frame';
import { authText } from './text';

export function SignInPage() {
  const words = authText;
  const session = useSession();
  const next = safeNext(new URLSearchParams(useSearch()).get('next'));
  const [, navigate] = useLocation();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useAction('POST /api/v1/session', {
    onSuccess: (me) => {
      // nothing of whoever was signed in before may show
      queryClient.clear();
      setMe(me);
      navigate(next, { replace: true });
    },
  });
  if (session.data && !signIn.isPending) return <Redirect to={next} replace />;

  function submit(event: FormEvent) {
    event.preventDefault();
    signIn.mutate({ body: { email: email.trim(), password } });
  }

  return (
    <AuthFrame title={words.signIn}>
      <form onSubmit={submit} className="space-y-4">
        {next !== paths.inbox() && !signIn.isError && <p className="text-ink-2">{words.continueAfter}</p>}
        <TextField
          label={words.email}
          type="email"
          autoComplete="username"
          required
          autoFocus
          value={email}
          error={signIn.error?.fieldError('email')}
          onChange={(event) => setEmail(event.target.value)}
        />
        <TextField
          label={words.password}
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <FormError error={signIn.error} />
        <Button type="submit" variant="primary" busy={signIn.isPending} className="w-full">
          {words.signIn}
        </Button>
        <p className="text-center">
          <TextLink href={paths.forgotPassword()}>{words.forgot}</TextLink>
        </p>
      </form>
    </AuthFrame>
  );
}

/** Only addresses inside the app: a link from elsewhere must not lead away after the sign-in. */
function safeNext(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : paths.inbox();
}
