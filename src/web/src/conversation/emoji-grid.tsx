import { reactionEmoji } from './emoji';

/** A few that fit writing to candidates. */
const composerEmoji = [
  ...reactionEmoji,
  { emoji: '🙂', name: 'Smile' },
  { emoji: '😀', name: 'Grin' },
  { emoji: '😉', name: 'Wink' },
  { emoji: '😊', name: 'Happy' },
  { emoji: '🤔', name: 'Thinking' },
  { emoji: '😕', name: 'Unsure' },
  { emoji: '👋', name: 'Wave' },
  { emoji: '👏', name: 'Applause' },
  { emoji: '💪', name: 'Strong' },
  { emoji: '🤝', name: 'Handshake' },
  { emoji: '✅', name: 'Done' },
  { emoji: '📅', name: 'Calendar' },
  { emoji: '⏰', name: 'Clock' },
  { emoji: '📍', name: 'Place' },
  { emoji: '📎', name: 'Paperclip' },
  { emoji: '☕', name: 'Coffee' },
  { emoji: '🚀', name: 'Rocket' },
  { emoji: '✨', name: 'Sparkles' },
];

export function EmojiGrid({ onChoose }: { onChoose: (emoji: string) => void }) {
  return composerEmoji.map(({ emoji, name }) => (
    <button
      key={emoji}
      type="button"
      aria-label={name}
      className="flex size-9 items-center justify-center rounded-lg text-xl hover:bg-hover"
      onClick={() => onChoose(emoji)}
    >
      {emoji}
    </button>
  ));
}
