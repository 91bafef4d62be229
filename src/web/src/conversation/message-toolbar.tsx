import { Ellipsis, Info, Reply, SmilePlus } from 'lucide-react';
import { useState } from 'react';
import type { Message } from '../../../contracts/messages';
import { text } from '../text';
import { cx, IconButton, Menu, MenuItem, Popover, toast } from '../ui';
import { reactionEmoji } from './emoji';
import type { MessageActions } from './message-bubble';

const words = text.message;

/** What can be done with a message, while the pointer or the focus is on it. */
export function MessageToolbar({
  message,
  canWrite,
  actions,
}: {
  message: Message;
  canWrite: boolean;
  actions: MessageActions;
}) {
  const [reacting, setReacting] = useState(false);
  const incoming = message.direction === 'in' && message.channel === 'whatsapp';
  const icon = 'size-4';
  return (
    <div
      className={cx(
        'print:hidden',
        'absolute bottom-[calc(100%-0.7rem)] z-10 flex items-center rounded-xl border border-line bg-surface p-0.5 opacity-0 shadow-pop',
        'group-focus-within:opacity-100 group-hover:opacity-100 has-data-[state=open]:opacity-100 [@media(hover:none)]:opacity-100',
        message.direction === 'out' ? 'right-2' : 'left-2',
      )}
    >
      {incoming && canWrite && (
        <Popover
          label={words.react}
          align="center"
          open={reacting}
          onOpenChange={setReacting}
          className="flex gap-0.5"
          trigger={
            <IconButton
              size="sm"
              tooltip={false}
              label={words.react}
              icon={<SmilePlus aria-hidden className={icon} />}
            />
          }
        >
          {reactionEmoji.map(({ emoji, name }) => (
            <button
              key={emoji}
              type="button"
              aria-label={name}
              className="flex size-9 items-center justify-center rounded-lg text-xl hover:bg-hover"
              onClick={() => {
                setReacting(false);
                actions.react(message, emoji);
              }}
            >
              {emoji}
            </button>
          ))}
        </Popover>
      )}
      {canWrite && isAnswerable(message) && (
        <IconButton
          size="sm"
          tooltip={false}
          label={words.reply}
          icon={<Reply aria-hidden className={icon} />}
          onClick={() => actions.reply(message)}
        />
      )}
      <Menu
        label={words.more}
        align={message.direction === 'out' ? 'end' : 'start'}
        trigger={
          <IconButton
            size="sm"
            tooltip={false}
            label={words.more}
            icon={<Ellipsis aria-hidden className={icon} />}
          />
        }
      >
        {message.body && <MenuItem onSelect={() => void copy(message.body!)}>{words.copy}</MenuItem>}
        <MenuItem icon={<Info aria-hidden className={icon} />} onSelect={() => actions.details(message.id)}>
          {words.details}
        </MenuItem>
      </Menu>
    </div>
  );
}

/** An e-mail takes answers to what was written on the candidate page as well. */
function isAnswerable({ channel, state }: Message): boolean {
  return (
    channel !== 'sms' &&
    (state === 'received' || state === 'sent' || state === 'delivered' || state === 'read')
  );
}

async function copy(body: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(body);
    toast({ tone: 'ok', title: words.copied });
  } catch {
    toast({ tone: 'danger', title: words.notCopied });
  }
}
