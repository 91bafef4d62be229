import { useState, type FormEvent } from 'react';
import { useLocation, useParams } from 'wouter';
import { paths } from '../../paths';
import { queryClient, setMe, useAction, useRoute } from '../../queries';
import { Button, ErrorState, FormError, LoadingRows, TextField, TextLink } from '../../ui';
import { AuthFrame } from './auth-frame';
import { authText } from './text';

const shortestPassword = 10;

/** Where the links of invitations and forgotten passwords lead. */
export function SetPasswordPage() {
  const words = authText;
  const { token = '' } = useParams<{ token: string }>();
  const [, navigate] = useLocation();
  const info = useRoute('GET /api/v1/tokens/{token}', { params: { token } }, { staleTime: Infinity });
  const [password, setPassword] = useState('');
  const [repeated, setRepeated] = useState('');
  const [mistake, setMistake] = useState<'short' | 'different' | null>(null);
  const set = useAction('POST /api/v1/tokens/{token}', {
    onSuccess: (me) => {
      queryClient.clear();
      setMe(me);
      navigate(paths.inbox(), { replace: true });
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    const wrong = password.length < shortestPassword ? 'short' : password !== repeated ? 'different' : null;
    setMistake(wrong);
    if (!wrong) set.mutate({ params: { token }, body: { password } });
  }

  if (info.isPending) {
    return (
      <AuthFrame title={words.setTitle}>
        <LoadingRows rows={2} />
      </AuthFrame>
    );
  }
  if (info.isError) {
    const gone = info.error.status >= 400 && info.error.status < 500;
    return (
      <AuthFrame title={gone ? words.linkOverTitle : words.setTitle}>
        {gone ? (
          <>
            <p className="text-ink-2">{words.linkOver}</p>
            <p className="mt-4 flex justify-between gap-4">
              <TextLink href={paths.forgotPassword()}>{words.newLink}</TextLink>
              <TextLink href={paths.signIn()}>{words.backToSignIn}</TextLink>
            </p>
          </>
        ) : (
          <ErrorState error={info.error} onRetry={() => void info.refetch()} />
        )}
      </AuthFrame>
    );
  }
  const { kind, email, firstName, organization } = info.data;
  return (
    <AuthFrame title={kind === 'invitation' ? words.welcome(firstName) : words.setTitle}>
      <form onSubmit={submit} className="space-y-4">
        <p className="text-ink-2">
          {kind === 'invitation' ? words.invitationHint(organization, email) : words.resetHint(email)}
        </p>
        <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
        <TextField
          label={words.newPassword}
          type="password"
          autoComplete="new-password"
          required
          autoFocus
          value={password}
          hint={words.passwordHint(shortestPassword)}
          error={
            mistake === 'short' ? words.passwordHint(shortestPassword) : set.error?.fieldError('password')
          }
          onChange={(event) => setPassword(event.target.value)}
        />
        <TextField
          label={words.repeatPassword}
          type="password"
          autoComplete="new-password"
          required
          value={repeated}
          error={mistake === 'different' ? words.passwordsDiffer : undefined}
          onChange={(event) => setRepeated(event.target.value)}
        />
        <FormError error={set.error} />
        <Button type="submit" variant="primary" busy={set.isPending} className="w-full">
          {words.setAndSignIn}
        </Button>
      </form>
    </AuthFrame>
  );
}
