import { TriangleAlert } from 'lucide-react';
import { useRoute } from '../../queries';
import { Badge, ChannelIcon, ErrorState, LoadingRows } from '../../ui';
import { MailDomain } from './mail-domain';
import { SectionHead } from './section-head';
import { SendRate } from './send-rate';

const words = {
  title: 'E-mail',
  intro: 'E-mails leave over the mail server of this installation; there is nothing to connect.',
  states: { connected: 'Connected', paused: 'Paused', notConfigured: 'Not set up' },
};

const tones = { connected: 'ok', paused: 'warn', notConfigured: 'danger' } as const;

/** Whether e-mail can be sent, and if not, why. */
export function EmailSection() {
  const email = useRoute('GET /api/v1/channels/email', {});
  return (
    <section aria-label={words.title} className="mt-10">
      <SectionHead title={words.title} intro={words.intro} />
      {email.isPending && <LoadingRows rows={1} />}
      {email.error && !email.data && <ErrorState error={email.error} onRetry={() => void email.refetch()} />}
      {email.data && (
        <article className="rounded-2xl border border-line bg-surface p-4 sm:p-5">
          <header className="flex items-center gap-3">
            <ChannelIcon channel="email" className="size-6 text-accent-text" />
            <h3 className="flex-1 font-semibold">{words.title}</h3>
            <Badge tone={tones[email.data.state]}>{words.states[email.data.state]}</Badge>
          </header>
          {email.data.stateText && (
            <p className="mt-3 flex items-start gap-2 rounded-lg bg-warn-soft px-3 py-2 text-warn">
              <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
              {email.data.stateText}
            </p>
          )}
          <MailDomain />
          {email.data.limits && <SendRate channel="email" name={words.title} limits={email.data.limits} />}
        </article>
      )}
    </section>
  );
}
