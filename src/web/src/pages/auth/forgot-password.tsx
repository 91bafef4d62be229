import { useState, type FormEvent } from 'react';
import { paths } from '../../paths';
import { useAction } from '../../queries';
import { Button, FormError, TextField, TextLink } from '../../ui';
import { AuthFrame } from './auth-frame';
import { authText } from './text';

export function ForgotPasswordPage() {
  const words = authText;
  const [email, setEmail] = useState('');
  const ask = useAction('POST /api/v1/password-resets');

  function submit(event: FormEvent) {
    event.preventDefault();
    ask.mutate({ body: { email: email.trim() } });
  }

  return (
    <AuthFrame title={words.forgotTitle}>
      {ask.isSuccess ? (
        <p role="status">{words.forgotSent(email.trim())}</p>
      ) : (
        <form onSubmit={submit} className="space-y-4">
          <p className="text-ink-2">{words.forgotHint}</p>
          <TextField
            label={words.email}
            type="email"
            autoComplete="username"
            required
            autoFocus
            value={email}
            error={ask.error?.fieldError('email')}
            onChange={(event) => setEmail(event.target.value)}
          />
          <FormError error={ask.error} />
          <Button type="submit" variant="primary" busy={ask.isPending} className="w-full">
            {words.sendLink}
          </Button>
        </form>
      )}
      <p className="mt-4 text-center">
        <TextLink href={paths.signIn()}>{words.backToSignIn}</TextLink>
      </p>
    </AuthFrame>
  );
}
