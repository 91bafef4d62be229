import { Lock, Paperclip } from 'lucide-react';
import { memo } from 'react';
import type { PrivateMail } from '../../../contracts/confidential';
import { ConfidentialBox } from '../confidential-box';
import { paths } from '../paths';
import { cx, TextLink, Time } from '../ui';

const words = {
  heading: 'Confidential',
  onlyYou: 'only you see it',
  label: (subject: string) => `Confidential e-mail: ${subject}`,
  by: (name: string) => `from ${name}`,
  to: (names: string) => `to ${names}`,
  open: 'Open in Mail',
};

const nameOf = ({ name, address }: { name: string; address: string }) => name || address;

/** R-CONF-1: a mail that stands in no conversation, shown to its user among the messages. */
export const PrivateMailCard = memo(function PrivateMailCard({ mail }: { mail: PrivateMail }) {
  const out = mail.direction === 'out';
  return (
    <article
      data-entry={mail.id}
      aria-label={words.label(mail.subject)}
      className={cx('flex px-3 pt-3 sm:px-6', out ? 'justify-end' : 'justify-start')}
    >
      <div className="min-w-0 max-w-[85%] rounded-2xl border border-dashed border-note-line bg-note-soft px-3 pt-2 pb-2.5 sm:max-w-[70%]">
        <p className="flex flex-wrap items-center gap-x-1.5 text-[0.82rem] text-note">
          <Lock aria-hidden className="size-3.5" />
          <strong className="font-semibold">{words.heading}</strong>
          <span>
            · {out ? words.to(mail.to.map(nameOf).join(', ')) : words.by(nameOf(mail.from))} · {words.onlyYou}
          </span>
          <Time at={mail.occurredAt} show="clock" className="ml-auto" />
        </p>
        {mail.subject && <p className="mt-1 font-semibold break-words">{mail.subject}</p>}
        <p className="mt-0.5 break-words whitespace-pre-wrap">{mail.text}</p>
        {mail.attachments.length > 0 && (
          <ul className="mt-1.5 flex flex-wrap gap-2">
            {mail.attachments.map(({ id, filename, url }) => (
              <li key={id}>
                <a
                  href={url}
                  download={filename}
                  className="inline-flex items-center gap-1 rounded underline underline-offset-2"
                >
                  <Paperclip aria-hidden className="size-3.5" />
                  {filename}
                </a>
              </li>
            ))}
          </ul>
        )}
        <div className="mt-2 border-t border-note-line pt-2">
          <ConfidentialBox mailId={mail.id} checked />
          <p className="mt-1 text-[0.87rem]">
            <TextLink href={paths.mail(out ? 'sent' : 'inbox', mail.id)}>{words.open}</TextLink>
          </p>
        </div>
      </div>
    </article>
  );
});
