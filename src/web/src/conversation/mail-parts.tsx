import { ChevronDown, ChevronRight, Download, FileText } from 'lucide-react';
import { useState } from 'react';
import type { MediaFile, Message, MessageMail } from '../../../contracts/messages';
import { splitSignature } from '../../../domain/signature';
import { fileSize } from '../format';
import { text } from '../text';
import { mailText as words } from './mail-text';
import { MailOriginal } from './mail-original';
import { RichText } from './rich-text';

/** What an e-mail has beside its text: its files; its signature and what it quotes, folded; the mail as it was written. */
export function MailParts({ message }: { message: Message }) {
  const { mail } = message;
  // an answer by mail has passed its files on
  const files = message.attachments.length > 0 ? message.attachments : (mail?.attachments ?? []);
  return (
    <div className="mt-1.5 space-y-1.5">
      {files.length > 0 && <Files files={files} />}
      {mail && <Folded message={message} mail={mail} />}
    </div>
  );
}

function Folded({ message, mail }: { message: Message; mail: MessageMail }) {
  const [foldedShown, setFoldedShown] = useState(false);
  const [originalShown, setOriginalShown] = useState(false);
  const { signature } = splitSignature(message.body ?? '');
  const folded = [signature, mail.quoted].filter(Boolean).join('\n\n');
  const [show, hide] =
    mail.quoted === null ? [words.showSignature, words.hideSignature] : [words.showQuoted, words.hideQuoted];
  const Fold = foldedShown ? ChevronDown : ChevronRight;
  const link = 'inline-flex min-h-6 items-center gap-1 rounded text-[0.87rem] text-ink-2 hover:underline';
  return (
    <>
      <div className="flex flex-wrap gap-x-4 gap-y-1 print:hidden">
        {folded !== '' && (
          <button
            type="button"
            aria-expanded={foldedShown}
            onClick={() => setFoldedShown(!foldedShown)}
            className={link}
          >
            <Fold aria-hidden className="size-3.5" />
            {foldedShown ? hide : show}
          </button>
        )}
        <button type="button" aria-haspopup="dialog" onClick={() => setOriginalShown(true)} className={link}>
          {words.showOriginal}
        </button>
      </div>
      {foldedShown && (
        <div className="border-l-2 border-line-strong pl-2 text-[0.9rem] text-ink-2">
          <RichText text={folded} />
        </div>
      )}
      {originalShown && (
        <MailOriginal message={message} mail={mail} onClose={() => setOriginalShown(false)} />
      )}
    </>
  );
}

function Files({ files }: { files: MediaFile[] }) {
  return (
    <ul aria-label={words.attachments} className="space-y-1">
      {files.map(({ id, url, filename, size }) => (
        <li key={id}>
          <a
            href={url ?? undefined}
            download={filename ?? true}
            className="flex items-center gap-2 rounded-lg bg-[color-mix(in_oklab,var(--ink)_6%,transparent)] px-2.5 py-1.5 hover:bg-[color-mix(in_oklab,var(--ink)_10%,transparent)]"
          >
            <FileText aria-hidden className="size-5 shrink-0 text-ink-2" strokeWidth={1.5} />
            <span className="min-w-0 flex-1 truncate">{filename}</span>
            {size !== null && <span className="text-[0.85rem] text-ink-2">{fileSize(size)}</span>}
            <Download role="img" aria-label={text.media.download} className="size-4 shrink-0 text-ink-2" />
          </a>
        </li>
      ))}
    </ul>
  );
}
