import { CircleOff, MailCheck } from 'lucide-react';
import { useState } from 'react';
import type { Language } from '../../../../contracts/common';
import { say } from '../../../../domain/words';
import { useAction } from '../../queries';
import { Button, EmptyState, Form, PublicPage, TextField } from '../../ui';

/** Of every link that was made here. */
const whole = /^[\w-]{70}$/;

/** A link that works no more. Who asks by e-mail for a new one is told the same, whether the company knows the address or not. */
export function LinkGone({ token, language }: { token: string; language: Language }) {
  const [email, setEmail] = useState('');
  const [tried, setTried] = useState(false);
  const ask = useAction('POST /api/v1/candidate-pages/links');
  const wrong = ask.error?.fieldError('email') ?? (tried && !email.includes('@'));
  if (ask.isSuccess)
    return (
      <PublicPage title={say(language, 'page.askedTitle')}>
        <EmptyState
          pageHeading
          takesFocus
          icon={<MailCheck className="size-6" />}
          title={say(language, 'page.askedTitle')}
        >
          {say(language, 'page.asked')}
        </EmptyState>
      </PublicPage>
    );

  function submit() {
    setTried(true);
    if (email.includes('@')) ask.mutate({ body: { token, email: email.trim() } });
  }

  return (
    <PublicPage title={say(language, 'page.goneTitle')}>
      <EmptyState
        className="py-4"
        pageHeading
        icon={<CircleOff className="size-6" />}
        title={say(language, 'page.goneTitle')}
      >
        {say(language, whole.test(token) ? 'page.gone' : 'page.broken')}
      </EmptyState>
      {whole.test(token) && (
        <Form error={ask.error} onSubmit={submit} className="mt-2 space-y-4">
          <TextField
            label={say(language, 'page.email')}
            type="email"
            autoComplete="email"
            maxLength={254}
            value={email}
            error={wrong ? say(language, 'page.emailWrong') : undefined}
            onChange={(event) => setEmail(event.target.value)}
          />
          {ask.error && !ask.error.fieldError('email') && (
            <p role="alert" className="rounded-lg bg-danger-soft px-3 py-2 text-danger">
              {say(language, ask.error.code === 'rate_limited' ? 'page.tooMuch' : 'page.failed')}
            </p>
          )}
          <Button type="submit" variant="primary" busy={ask.isPending}>
            {say(language, 'page.ask')}
          </Button>
        </Form>
      )}
    </PublicPage>
  );
}
