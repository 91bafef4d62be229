import { Download, FileText } from 'lucide-react';
import type { CandidatePage, PageFile, PageMessage } from '../../../../contracts/candidate-pages';
import { say } from '../../../../domain/words';
import { RichText } from '../../conversation/rich-text';
import { clockTime, dayKey, exactTime, fileSize } from '../../format';
import { ChannelIcon, cx } from '../../ui';

/** One message, with its day above where it is the first of it. The candidate's own stand on the right. */
export function Bubble({
  token,
  page,
  message,
  newDay,
}: {
  token: string;
  page: CandidatePage;
  message: PageMessage;
  newDay: boolean;
}) {
  const { language, companyName, firstName } = page;
  const own = message.direction === 'in';
  return (
    <li>
      {newDay && (
        <h2 className="py-3 text-center text-[0.85rem] font-medium text-ink-2">
          {dayOf(language, message.occurredAt)}
        </h2>
      )}
      <article
        className={cx(
          'w-fit max-w-[88%] min-w-0 rounded-2xl border px-3 py-2',
          own
            ? 'ml-auto rounded-br-md border-transparent bg-bubble-out'
            : 'rounded-bl-md border-line bg-bubble-in',
        )}
      >
        <p className="text-[0.85rem] font-medium">
          {own ? firstName || say(language, 'page.you') : companyName}
        </p>
        {message.title && <p className="font-semibold break-words">{message.title}</p>}
        {message.text && (
          <p>
            <RichText text={message.text} />
          </p>
        )}
        {message.files.length > 0 && (
          <ul className="mt-1.5 space-y-1.5">
            {message.files.map((file) => (
              <li key={file.id}>
                <File token={token} file={file} name={file.filename ?? say(language, 'page.file')} />
              </li>
            ))}
          </ul>
        )}
        <p className="mt-1 flex items-center justify-end gap-1.5 text-[0.8rem] text-ink-2">
          {/* its English name is said by the words beside it, in the page's language */}
          <span aria-hidden className="contents">
            <ChannelIcon channel={message.channel} className="size-3" />
          </span>
          <span>{channelOf(page, message)}</span>
          <time dateTime={message.occurredAt} title={exactTime(message.occurredAt)}>
            {clockTime(message.occurredAt)}
          </time>
        </p>
      </article>
    </li>
  );
}

function File({ token, file, name }: { token: string; file: PageFile; name: string }) {
  const url = `/api/v1/candidate-pages/${encodeURIComponent(token)}/media/${file.id}`;
  if (/^image\/(png|jpeg|webp|gif)$/.test(file.mimeType))
    return (
      <a href={url} target="_blank" rel="noreferrer" className="block rounded-xl">
        <img src={url} alt={name} className="max-h-80 min-h-16 max-w-full rounded-xl object-contain" />
      </a>
    );
  return (
    <a
      href={url}
      download={name}
      className="flex items-center gap-2.5 rounded-xl bg-[color-mix(in_oklab,var(--ink)_6%,transparent)] p-2.5 hover:underline"
    >
      <FileText aria-hidden className="size-6 shrink-0 text-ink-2" />
      <span className="min-w-0 flex-1 break-words [overflow-wrap:anywhere]">
        {name}
        {file.size !== null && <span className="text-ink-2"> · {fileSize(file.size)}</span>}
      </span>
      <Download aria-hidden className="size-4.5 shrink-0 text-ink-2" />
    </a>
  );
}

function channelOf({ language }: CandidatePage, { channel }: PageMessage): string {
  if (channel === 'whatsapp') return 'WhatsApp';
  if (channel === 'sms') return 'SMS';
  return say(language, channel === 'email' ? 'page.viaEmail' : 'page.viaPage');
}

function dayOf(language: CandidatePage['language'], at: string): string {
  const now = Date.now();
  if (dayKey(at) === dayKey(new Date(now).toISOString())) return say(language, 'page.today');
  if (dayKey(at) === dayKey(new Date(now - 86_400_000).toISOString())) return say(language, 'page.yesterday');
  const year = new Date(at).getFullYear() === new Date(now).getFullYear() ? {} : { year: 'numeric' as const };
  return new Intl.DateTimeFormat(language, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...year,
  }).format(new Date(at));
}
