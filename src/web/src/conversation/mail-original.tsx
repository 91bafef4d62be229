import { Download } from 'lucide-react';
import { useState } from 'react';
import type { Message, MessageMail } from '../../../contracts/messages';
import { fullOf } from '../pages/mail/names';
import { isOffice, useMe } from '../queries';
import { Button, Dialog, Time } from '../ui';
import { mailText as words } from './mail-text';

/** The mail as it was written. Its HTML stands in a frame that runs nothing and knows nothing of us. */
export function MailOriginal({
  message,
  mail,
  onClose,
}: {
  message: Message;
  mail: MessageMail;
  onClose: () => void;
}) {
  const me = useMe();
  const [pictures, setPictures] = useState(false);
  const address = `/api/v1/messages/${message.id}/mail`;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      size="xl"
      title={mail.subject || words.noSubject}
      description={<Time at={message.occurredAt} />}
      footer={
        <>
          {mail.hasHtml && !pictures && (
            <>
              <p className="mr-auto max-w-md text-[0.87rem] text-ink-2">{words.picturesHint}</p>
              <Button onClick={() => setPictures(true)}>{words.showPictures}</Button>
            </>
          )}
          {mail.hasOriginal && isOffice(me.user.role) && (
            <a
              href={`${address}/raw`}
              download
              className="inline-flex min-h-10 items-center gap-2 rounded-lg border border-line-strong px-4 font-medium hover:bg-hover"
            >
              <Download aria-hidden className="size-4" />
              {words.download}
            </a>
          )}
        </>
      }
    >
      <dl className="mb-3 grid grid-cols-[auto_1fr] gap-x-3 text-[0.95rem] [overflow-wrap:anywhere]">
        <People label={words.from} people={[mail.from]} />
        <People label={words.to} people={mail.to} />
        <People label={words.cc} people={mail.cc} />
      </dl>
      {mail.hasHtml ? (
        <iframe
          key={String(pictures)}
          title={words.frame(mail.subject)}
          src={`${address}/html${pictures ? '?pictures=true' : ''}`}
          sandbox="allow-popups allow-popups-to-escape-sandbox"
          referrerPolicy="no-referrer"
          className="h-[56dvh] w-full rounded-lg border border-line bg-white"
        />
      ) : (
        <pre className="font-sans whitespace-pre-wrap [overflow-wrap:anywhere]">
          {[message.body, mail.quoted].filter(Boolean).join('\n\n')}
        </pre>
      )}
    </Dialog>
  );
}

function People({ label, people }: { label: string; people: MessageMail['to'] }) {
  if (people.length === 0) return null;
  return (
    <>
      <dt className="text-ink-2">{label}</dt>
      <dd>{people.map(fullOf).join(', ')}</dd>
    </>
  );
}
