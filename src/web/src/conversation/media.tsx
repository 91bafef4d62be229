import { Download, FileText, FileWarning, MapPin, Mic, UserRound } from 'lucide-react';
import type { Message } from '../../../contracts/messages';
import { fileSize } from '../format';
import { text } from '../text';
import { cx, Skeleton } from '../ui';

const words = text.media;

/** The file of a message: picture, video, sound or document; or how far it is. */
export function MessageMedia({
  message,
  onOpenImage,
}: {
  message: Message;
  onOpenImage: (message: Message) => void;
}) {
  const { media, kind } = message;
  if (!media) return null;
  const name = media.filename ?? text.kinds[kind];
  if (media.state === 'pending') {
    return (
      <div role="status" className="flex items-center gap-3 rounded-lg p-2">
        <Skeleton className="size-12 rounded-lg" />
        <span className="text-ink-2">{words.pending}</span>
      </div>
    );
  }
  if (media.state === 'failed' || media.url === null) {
    return (
      <p className="flex items-center gap-2 rounded-lg p-2 text-ink-2">
        <FileWarning aria-hidden className="size-5 shrink-0" />
        {words.failed}
      </p>
    );
  }
  if (kind === 'image' || kind === 'sticker') {
    const picture = (
      <img
        src={media.url}
        alt={message.body ? '' : words.imageAlt(message.direction)}
        loading="lazy"
        decoding="async"
        className={cx(
          'rounded-xl object-cover',
          kind === 'sticker' ? 'size-32' : 'max-h-80 min-h-24 w-full min-w-40',
        )}
      />
    );
    if (kind === 'sticker') return picture;
    return (
      <button
        type="button"
        aria-label={words.openImage(message.body)}
        onClick={() => onOpenImage(message)}
        className="block rounded-xl"
      >
        {picture}
      </button>
    );
  }
  if (kind === 'video') {
    return (
      <video
        src={media.url}
        controls
        preload="metadata"
        aria-label={name}
        className="max-h-80 w-full min-w-56 rounded-xl bg-black"
      />
    );
  }
  if (kind === 'audio') {
    return (
      <div className="flex items-center gap-2">
        {media.voice && <Mic role="img" aria-label={words.voice} className="size-4 shrink-0 text-ink-2" />}
        <audio
          src={media.url}
          controls
          preload="metadata"
          aria-label={media.voice ? words.voice : name}
          className="h-10 w-64 max-w-full"
        />
      </div>
    );
  }
  return (
    <a
      href={media.url}
      download={media.filename ?? true}
      className="flex items-center gap-3 rounded-xl bg-[color-mix(in_oklab,var(--ink)_6%,transparent)] p-2.5 hover:bg-[color-mix(in_oklab,var(--ink)_10%,transparent)]"
    >
      <FileText aria-hidden className="size-8 shrink-0 text-ink-2" strokeWidth={1.5} />
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium">{name}</span>
        <span className="text-[0.85rem] text-ink-2">
          {[
            media.mimeType.split('/').at(-1)?.toUpperCase().slice(0, 12),
            media.size === null ? null : fileSize(media.size),
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </span>
      <Download role="img" aria-label={words.download} className="size-4.5 shrink-0 text-ink-2" />
    </a>
  );
}

export function MessageLocation({ location }: { location: NonNullable<Message['location']> }) {
  const { latitude, longitude, name, address } = location;
  return (
    <a
      href={`https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`}
      target="_blank"
      rel="noreferrer"
      className="flex items-start gap-2.5 rounded-lg p-1 hover:underline"
    >
      <MapPin aria-hidden className="mt-0.5 size-5 shrink-0 text-danger" />
      <span>
        <span className="block font-medium">{name ?? text.kinds.location}</span>
        <span className="block text-ink-2">
          {address ?? `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`}
        </span>
        <span className="text-[0.87rem] underline">{words.openMap}</span>
      </span>
    </a>
  );
}

export function MessageContacts({ contacts }: { contacts: NonNullable<Message['contacts']> }) {
  return (
    <ul className="space-y-1.5">
      {contacts.map(({ name, phones }, index) => (
        <li key={index} className="flex items-start gap-2.5 p-1">
          <UserRound aria-hidden className="mt-0.5 size-5 shrink-0 text-ink-2" />
          <span>
            <span className="block font-medium">{name}</span>
            {phones.map((phone) => (
              <a
                key={phone}
                href={`tel:${phone.replace(/[^+\d]/g, '')}`}
                className="block underline underline-offset-2"
              >
                {phone}
              </a>
            ))}
          </span>
        </li>
      ))}
    </ul>
  );
}
